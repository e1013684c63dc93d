//! The text of a first policy.

use std::collections::BTreeSet;

use crate::schema::quoted;

/// A commented policy for a gate: who may pass, and which controls have to be satisfied first. Without roles everyone
/// whose identity is proven may ask; without controls the gate still asks that nothing fails.
pub fn starter(action: &str, roles: &[&str], controls: &[&str]) -> String {
    let action = quoted(action);
    let mut out = format!(
        "// Who may pass the gate {action}, and what has to be evidenced first.\n\
         //\n\
         // One `permit` says who. Every rule below it can only forbid, and names itself (`@id`), the control that it asks\n\
         // about (`@control`) and what to do where it refuses (`@fix`). Built-in rules apply besides: a check of this\n\
         // revision is recorded, the log verifies, and declared is reconciled with observed.\n\n"
    );
    out.push_str(&format!("@id(\"who-may-pass\")\npermit (\n    {},\n", principal(roles)));
    out.push_str(&format!("    action == Action::{action},\n    resource\n)"));
    if roles.len() > 1 {
        let roles: Vec<_> = roles.iter().map(|role| format!("Role::{}", quoted(role))).collect();
        out.push_str(&format!("\nwhen {{ principal in [{}] }}", roles.join(", ")));
    }
    out.push_str(";\n");
    let mut rule = |comment: &str, id: &str, control: Option<&str>, fix: &str, condition: &str| {
        out.push_str(&format!("\n// {comment}\n@id({})\n", quoted(id)));
        if let Some(control) = control {
            out.push_str(&format!("@control({})\n", quoted(control)));
        }
        out.push_str(&format!(
            "@fix({})\nforbid (principal, action == Action::{action}, resource)\n",
            quoted(fix)
        ));
        out.push_str(&format!("unless {{ {condition} }};\n"));
    };
    let mut ids = BTreeSet::new();
    for control in controls {
        let id = kebab(control);
        if ids.insert(id.clone()) {
            let condition = format!("context.satisfied.contains(Control::{})", quoted(control));
            let fix = format!("Run `bartizan explain {control}` to see which evidence it asks for.");
            let comment = format!("Only recorded evidence makes {} satisfied.", quoted(control));
            rule(&comment, &format!("{id}-is-satisfied"), Some(control), &fix, &condition);
        }
    }
    rule(
        "A control that fails is not outweighed by others that do not.",
        "nothing-fails",
        None,
        "Run `bartizan check` and mend what it finds, or have an exception agreed.",
        "context.failing.isEmpty()",
    );
    rule(
        "Findings count as long as they stand, whichever control they belong to.",
        "nothing-critical-stands",
        None,
        "Run `bartizan check` and mend what it finds, or have an exception agreed.",
        "context.findings.critical == 0",
    );
    out
}

fn principal(roles: &[&str]) -> String {
    match roles {
        [only] => format!("principal in Role::{}", quoted(only)),
        _ => "principal".to_owned(),
    }
}

/// An id as the name of a rule may be written.
fn kebab(id: &str) -> String {
    let words = id.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}
