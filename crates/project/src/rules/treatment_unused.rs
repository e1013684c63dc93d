use bartizan_finding::Rule;

/// A decision speaks of a threat that does not exist.
///
/// ## What it finds
/// A `[[treatment]]` that matches no derived threat.
/// ## Why it matters
/// Either the system changed and the decision is stale, or its threat is misspelt and the risk that it means is
/// untreated.
/// ## Example
/// `threat = "THR003/order-api"` where the element is called `orders-api`.
/// ## Fix
/// Compare with `bartizan threat list`, and correct or remove the entry.
/// ## References
/// - NIST SP 800-218, PW.1.1
#[derive(Rule)]
#[rule(code = "PRJ009", severity = "low", confidence = "high", controls = ["threat-model"])]
pub struct TreatmentUnused;
