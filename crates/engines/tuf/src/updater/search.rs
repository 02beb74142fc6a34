//! The search for a target: through delegations in the order of appearance, depth first, each role
//! once (section 5.6.7).

use std::collections::BTreeSet;

use super::Edge;
use crate::Error;
use crate::RoleName;
use crate::TargetFile;
use crate::trusted::TrustedMetadata;

/// A search under way.
#[derive(Debug)]
pub(super) struct Search {
    path: String,
    /// Still to be visited; the next one is last.
    ahead: Vec<Edge>,
    visited: BTreeSet<RoleName>,
}

/// How far a search came.
pub(super) enum Progress {
    Found(Box<TargetFile>),
    /// The metadata of this role, to go on.
    Needs(Edge),
}

impl Search {
    pub(super) fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ahead: vec![Edge::top_level()],
            visited: BTreeSet::new(),
        }
    }

    /// Goes on as far as the trusted metadata reaches, through at most `limit` roles in all.
    pub(super) fn advance(
        &mut self,
        trusted: &mut TrustedMetadata,
        limit: usize,
    ) -> Result<Progress, Error> {
        while let Some(Edge { role, delegator }) = self.ahead.pop() {
            if self.visited.contains(&role) {
                continue;
            }
            if self.visited.len() >= limit {
                let path = self.path.clone();
                return Err(Error::TooManyDelegations { path, limit });
            }
            let Some(targets) = trusted.targets(&role, &delegator)? else {
                trusted.targets_meta(&role)?;
                let edge = Edge { role, delegator };
                self.ahead.push(edge.clone());
                return Ok(Progress::Needs(edge));
            };
            if let Some(target) = targets.body().targets.get(&self.path) {
                return Ok(Progress::Found(Box::new(target.clone())));
            }
            self.visited.insert(role.clone());
            let mut children = Vec::new();
            for child in targets.body().delegated(&self.path) {
                children.push(Edge {
                    role: child.role,
                    delegator: role.clone(),
                });
                if child.terminating {
                    // Nobody else has a say in this target, here or further up.
                    self.ahead.clear();
                    break;
                }
            }
            self.ahead.extend(children.into_iter().rev());
        }
        let path = self.path.clone();
        Err(Error::MissingTarget { path })
    }
}
