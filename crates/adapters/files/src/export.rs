//! Moving a data directory: one tar file out, one tar file in.
