use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::Reference;

/// A role that people have in the lifecycle of a model. The set is ours; the items say which recommendations its
/// holders must know.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifecycleRole {
    /// The slug that `group.*.role` uses, such as `data-engineer`.
    pub id: String,
    /// The name that people read.
    pub title: String,
    /// When in the lifecycle it acts: `govern`, `plan`, `data`, `train`, `build`, `verify`, `release`, `operate`,
    /// `respond`, `acquire` or `use`.
    pub stage: String,
    /// What its holders must know.
    pub knows: Vec<Reference>,
    /// Days after which its training is to be renewed.
    pub renew_days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    role: Vec<LifecycleRole>,
}

static ROLES: LazyLock<Vec<LifecycleRole>> = LazyLock::new(|| {
    let file: File =
        toml::from_str(include_str!("../data/roles.toml")).expect("the table of roles is read by a test");
    file.role
});

/// The sixteen roles, from governing to using.
pub fn roles() -> &'static [LifecycleRole] {
    &ROLES
}

/// The role with this slug.
pub fn role(id: &str) -> Option<&'static LifecycleRole> {
    roles().iter().find(|role| role.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_roles_know_what_exists() {
        assert_eq!(roles().len(), 16);
        for known in roles() {
            assert!(std::ptr::eq(role(&known.id).unwrap(), known), "{} stands twice", known.id);
            assert!(!known.knows.is_empty() && (30..=366).contains(&known.renew_days), "{}", known.id);
            for reference in &known.knows {
                assert!(crate::task(reference).is_some(), "{}: {reference}", known.id);
            }
        }
    }
}
