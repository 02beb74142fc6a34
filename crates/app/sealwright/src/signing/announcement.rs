//! What a person is told while something is signed.

use crate::Profile;

/// Something a person should know now. All text in it is untrusted.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Announcement<'a> {
    /// Nobody named a profile, and this one is used.
    Chosen {
        /// Which one.
        profile: Profile,
        /// Where the identity token comes from, which is why.
        source: &'static str,
    },
    /// Somebody has to log in.
    Login {
        /// The page to visit.
        page: &'a str,
        /// What it asks for.
        code: Option<&'a str>,
    },
    /// Something is about to be recorded where others see it.
    Publishes {
        /// Whose services, when they have a name.
        instance: Option<Profile>,
        /// The logs; they show who signed what digest when.
        logs: &'a [&'a str],
        /// Whether a certificate is issued, which names an identity and is recorded, too.
        certified: bool,
    },
}
