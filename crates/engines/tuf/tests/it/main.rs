//! The crate as its users see it: against a small repository made here, one thing of which is wrong
//! at a time, and against the root history of the public-good Sigstore.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod client;
#[cfg(test)]
mod delegations;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod repository;
#[cfg(test)]
mod sigstore_roots;
#[cfg(test)]
mod workflow;
