//! What people type to decide: the console signs nothing, it says what to run.

use bartizan_report::v1::{Decision, DecisionKind, Loss};

use super::frame::argument;

/// Says which other words `bartizan exception add` takes.
pub(super) const ADD_HELP: &str = "bartizan exception add --help";

/// Asks for an exception for one finding.
pub(super) fn except_finding(fingerprint: &str, reason: &str, owner: &str, expires: &str) -> String {
    add(&format!("--finding {}", argument(fingerprint)), reason, owner, expires)
}

/// Asks that something may be gone from the project file.
pub(super) fn agree_loss(loss: &Loss) -> String {
    format!("bartizan exception add --lost {}", argument(&lost(loss)))
}

/// Agrees to what somebody else has asked for.
pub(super) fn approve(id: &str) -> String {
    format!("bartizan exception approve {}", argument(id))
}

/// Takes a decision back.
pub(super) fn revoke(id: &str) -> String {
    format!("bartizan exception revoke {}", argument(id))
}

/// Asks anew for what a decision is about, where the report says enough of it to do so.
pub(super) fn renew(decision: &Decision, losses: &[Loss], expires: &str) -> Option<String> {
    let scope = match decision.kind {
        DecisionKind::Exception => match (&decision.fingerprint, &decision.control) {
            (Some(fingerprint), _) => format!("--finding {}", argument(fingerprint)),
            // Where a rule is named as well, the scope is narrower than the control.
            (None, Some(control)) if decision.rule.is_none() => format!("--control {}", argument(control)),
            _ => return None,
        },
        DecisionKind::Loss => {
            let mut own = losses.iter().filter(|loss| loss.decision.as_ref() == Some(&decision.id));
            let (first, second) = (own.next()?, own.next());
            if second.is_some() {
                return None;
            }
            format!("--lost {}", argument(&lost(first)))
        }
        DecisionKind::BreakGlass | DecisionKind::Claim => return None,
    };
    Some(add(&scope, &decision.reason, &decision.owner, expires))
}

/// Asks a gate.
pub(super) fn ask_gate(name: &str) -> String {
    format!("bartizan gate {}", argument(name))
}

/// Verifies what a gate has said, where there is no project: in front of a deployment.
pub(super) fn verify_gate(envelope: &str) -> String {
    format!("bartizan gate verify {}", argument(envelope))
}

/// The commands that a sentence names between backticks, for a line of their own each.
pub(super) fn named_in(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).filter(|span| span.starts_with("bartizan ")).take(3).collect()
}

fn add(scope: &str, reason: &str, owner: &str, expires: &str) -> String {
    let (reason, owner, expires) = (argument(reason), argument(owner), argument(expires));
    format!("bartizan exception add {scope} --reason {reason} --owner {owner} --expires {expires}")
}

/// `element/orders-api`
fn lost(loss: &Loss) -> String {
    format!("{}/{}", loss.kind, loss.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_act_on_is_quoted() {
        assert_eq!(
            except_finding("ab12", "it's $(known); `x`", "-o", "2027-01-01"),
            "bartizan exception add --finding ab12 --reason 'it'\\''s $(known); `x`' --owner '-o' --expires 2027-01-01"
        );
        assert_eq!(approve("a b"), "bartizan exception approve 'a b'");
    }

    #[test]
    fn commands_are_found_in_sentences() {
        let text = "Run `bartizan check`, look at `model/`, then `bartizan gate deploy`.";
        assert_eq!(named_in(text), ["bartizan check", "bartizan gate deploy"]);
        assert_eq!(named_in("bartizan check"), [""; 0]);
    }
}
