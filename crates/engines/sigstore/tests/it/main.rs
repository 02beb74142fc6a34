//! The crate as its users see it: recorded evidence of others, and evidence of a small authority
//! made here, one thing of which is wrong at a time.

mod conformance;
