//! What people type to decide: the console signs nothing, it says what to run. Words in capitals are for them to fill in.

use bartizan_report::v1::{Decision, DecisionKind, GateResult, Loss};

use super::frame::argument;

/// Says which other words `bartizan exception add` takes.
pub(super) const ADD_HELP: &str = "bartizan exception add --help";

/// Days for which a renewal is proposed.
const RENEWED: i64 = 90;

/// Lost things that one command names.
pub(super) const LOSSES: usize = 10;

/// Asks for an exception for one finding, for so many days.
pub(super) fn except_finding(fingerprint: &str, reason: &str, owner: &str, days: i64) -> String {
    add(&format!("--finding {}", argument(fingerprint)), reason, owner, days)
}

/// Asks that things may be gone from the project file: at most [`LOSSES`] of them.
pub(super) fn agree_losses(losses: &[&Loss]) -> String {
    let scope = losses.iter().take(LOSSES).map(|loss| lost(loss)).collect::<Vec<_>>().join(" ");
    format!("bartizan exception add {scope} --reason WHY --owner GROUP --key YOUR.key")
}

/// Agrees to what somebody else has asked for.
pub(super) fn approve(id: &str) -> String {
    format!("bartizan exception approve {} --key YOUR.key", argument(id))
}

/// Takes a decision back.
pub(super) fn revoke(id: &str) -> String {
    format!("bartizan exception revoke {} --reason WHY --key YOUR.key", argument(id))
}

/// Asks anew for what a decision is about, where the report says enough of it to do so.
pub(super) fn renew(decision: &Decision, losses: &[&Loss]) -> Option<String> {
    let scope = match decision.kind {
        DecisionKind::Exception => match (&decision.fingerprint, &decision.control, &decision.subject) {
            (Some(fingerprint), _, _) => format!("--finding {}", argument(fingerprint)),
            // Where a rule is named as well, the scope is narrower than the control.
            (None, Some(control), Some(subject)) if decision.rule.is_none() => {
                format!("--control {} --subject {subject}", argument(control))
            }
            _ => return None,
        },
        DecisionKind::Loss if (1..=LOSSES).contains(&losses.len()) => {
            losses.iter().map(|loss| lost(loss)).collect::<Vec<_>>().join(" ")
        }
        DecisionKind::Loss | DecisionKind::BreakGlass | DecisionKind::Claim => return None,
    };
    let scope = match &decision.compensating {
        Some(text) => format!("{scope} --compensating {}", argument(text)),
        None => scope,
    };
    Some(add(&scope, &decision.reason, &decision.owner, RENEWED))
}

/// Asks a gate what the newest run asked it.
pub(super) fn ask_gate(gate: &GateResult) -> String {
    let name = argument(&gate.gate);
    match gate.resource.as_str() {
        "project" => format!("bartizan gate {name}"),
        asset => format!("bartizan gate {name} --asset {}", argument(asset)),
    }
}

/// Writes what a gate decides into a file for whoever deploys.
pub(super) fn export_gate(gate: &GateResult) -> String {
    format!("{} --export decision.json", ask_gate(gate))
}

/// Verifies what a gate has decided, where there is no project: in front of a deployment.
pub(super) fn verify_gate(gate: &GateResult) -> String {
    let name = argument(&gate.gate);
    format!("bartizan gate verify decision.json --gate {name} --root ROOT-KEY --subject PATH")
}

/// The commands that a sentence names between backticks, for a line of their own each.
pub(super) fn named_in(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).filter(|span| span.starts_with("bartizan ")).take(3).collect()
}

fn add(scope: &str, reason: &str, owner: &str, days: i64) -> String {
    let (reason, owner) = (argument(reason), argument(owner));
    format!("bartizan exception add {scope} --reason {reason} --owner {owner} --lasts {days}d --key YOUR.key")
}

/// `--lost element/orders-api`
fn lost(loss: &Loss) -> String {
    format!("--lost {}", argument(&format!("{}/{}", loss.kind, loss.id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_act_on_is_quoted() {
        assert_eq!(
            except_finding("ab12", "it's $(known); `x`", "-o", 30),
            "bartizan exception add --finding ab12 --reason 'it'\\''s $(known); `x`' --owner '-o' --lasts 30d --key YOUR.key"
        );
        assert_eq!(approve("a b"), "bartizan exception approve 'a b' --key YOUR.key");
    }

    #[test]
    fn commands_are_found_in_sentences() {
        let text = "Run `bartizan check`, look at `model/`, then `bartizan gate deploy`.";
        assert_eq!(named_in(text), ["bartizan check", "bartizan gate deploy"]);
        assert_eq!(named_in("bartizan check"), [""; 0]);
    }
}
