use bartizan_finding::{Occurrence, Rule};
use jiff::civil::Date;

use crate::{Project, SubjectRef, rules::ProjectRule};

/// A group has no members.
///
/// ## What it finds
/// A group with an empty or missing `members`.
/// ## Why it matters
/// Its duties are assigned to nobody: nobody can be trained for the role, approve in its name or answer for what
/// it owns.
/// ## Example
/// `[group.data]` with a role alone.
/// ## Fix
/// List the members by e-mail address, or remove the group and give its assets to another.
/// ## References
/// - NIST SP 800-218A, PO.2.1 and PO.2.2
#[derive(Rule)]
#[rule(code = "PRJ005", severity = "medium", confidence = "high", controls = ["ownership", "role-training"])]
pub struct GroupWithoutMembers;

impl ProjectRule for GroupWithoutMembers {
    fn check(&self, project: &Project, _: Date, sink: &mut dyn FnMut(Occurrence)) {
        for (id, group) in &project.groups {
            if group.members.is_empty() {
                let location = project.location(&SubjectRef::Group(id.clone()).key());
                let message = format!("the group `{id}` ({}) has no members", group.role);
                sink(Occurrence::new(Self::META, location, message));
            }
        }
    }
}
