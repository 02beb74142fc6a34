//! The crate as its users see it: recorded evidence of others, and evidence of a small authority
//! made here, one thing of which is wrong at a time.

#[cfg(test)]
mod attacks;
mod authorities;
#[cfg(test)]
mod authority;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod legacy;
mod log_time;
#[cfg(test)]
mod negative;
#[cfg(test)]
mod p1363;
#[cfg(test)]
mod positive;
#[cfg(test)]
mod profile;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod shape;
#[cfg(test)]
mod signing;
#[cfg(test)]
mod witnesses;
