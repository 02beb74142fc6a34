//! Arguments and environment, resolved once into what the workflows need.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use sealwright::CiEnvironment;
use sealwright::CiProfile;
use sealwright::Context;
use sealwright::Profile;
use sealwright::Progress;
use sealwright::SystemClock;
use sealwright_core::Timestamp;

use crate::cli::GlobalArgs;
use crate::env;

/// What a run knows about its surroundings.
#[derive(Debug)]
pub(crate) struct Settings {
    profile: Option<Profile>,
    home: PathBuf,
    user: String,
    docker_config: Option<PathBuf>,
    ci: CiEnvironment,
    temporary: PathBuf,
    source_date_epoch: Option<Timestamp>,
    clock: SystemClock,
}

impl Settings {
    pub(crate) fn resolve(global: &GlobalArgs) -> Self {
        let path = |name| env::read(name).map(PathBuf::from);
        let home = global
            .home
            .clone()
            .unwrap_or_else(|| sealwright::default_home(path(env::XDG_DATA_HOME), path(env::HOME)));
        Self {
            profile: global.profile,
            home,
            user: env::read(env::USER)
                .or_else(|| env::read(env::LOGNAME))
                .unwrap_or_else(|| "user".to_owned()),
            docker_config: path(env::DOCKER_CONFIG)
                .or_else(|| path(env::HOME).map(|home| home.join(".docker"))),
            ci: CiEnvironment::from_lookup(env::read),
            temporary: std::env::temp_dir(),
            source_date_epoch: env::read(env::SOURCE_DATE_EPOCH)
                .and_then(|seconds| seconds.parse().ok())
                .map(Timestamp::from_seconds),
            clock: SystemClock,
        }
    }

    /// Directory of docker's `config.json`.
    pub(crate) fn docker_config(&self) -> Option<&Path> {
        self.docker_config.as_deref()
    }

    /// Whether `root init` made an instance known under this name.
    pub(crate) fn knows_instance(&self, profile: Profile) -> bool {
        sealwright::knows_instance(&self.home, profile)
    }

    /// What a run knows that was given none of our own arguments.
    pub(crate) fn of_environment() -> Self {
        Self::resolve(&GlobalArgs {
            profile: None,
            home: env::read(env::SEALWRIGHT_HOME).map(PathBuf::from),
            quiet: false,
            verbose: false,
        })
    }

    /// Whether what is written here probably dies with the machine.
    pub(crate) fn is_ephemeral(&self) -> bool {
        env::read(env::CI).is_some_and(|value| value != "false" && value != "0")
            || CiProfile::detect(&self.ci) != CiProfile::Local
    }

    pub(crate) fn context<'a>(
        &'a self,
        timeout: Duration,
        progress: &'a dyn Progress,
    ) -> Context<'a> {
        Context {
            profile: self.profile,
            home: self.home.clone(),
            clock: &self.clock,
            user: self.user.clone(),
            docker_config: self.docker_config.clone(),
            variable: &env::read,
            ci: self.ci.clone(),
            temporary: self.temporary.clone(),
            source_date_epoch: self.source_date_epoch,
            timeout,
            progress,
        }
    }
}
