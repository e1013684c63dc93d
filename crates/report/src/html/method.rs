use super::page::Page;
use crate::v1::{Report, Status};

/// What each status means, worst first.
const STATUSES: [(Status, &str); 8] = [
    (Status::Failing, "evidence speaks against it; only a later complete run clears that"),
    (Status::Expired, "the evidence is too old, or was made with rules that are too old"),
    (Status::Unknown, "there is no evidence, or the newest is incomplete"),
    (Status::Partial, "evidence covers a part of it"),
    (Status::Excepted, "somebody decided to live with it, for a reason and a time that are recorded"),
    (Status::Inherited, "a supplier’s statement covers it"),
    (Status::Satisfied, "evidence that counts covers every clause, and will until the first of it expires"),
    (Status::NotApplicable, "the project declares nothing that it could apply to"),
];

/// The ten risk considerations.
const CONSIDERATIONS: [(&str, &str); 10] = [
    ("RC01", "data privacy and confidentiality"),
    ("RC02", "model integrity and security"),
    ("RC03", "adversarial attacks"),
    ("RC04", "misuse"),
    ("RC05", "regulatory compliance"),
    ("RC06", "dependency on external data"),
    ("RC07", "scalability and performance security"),
    ("RC08", "insider threats"),
    ("RC09", "intellectual property"),
    ("RC10", "disinformation and information integrity"),
];

/// How a status comes about, and what the words mean.
pub(super) fn write(page: &mut Page, _: &Report) {
    page.raw(
        "<h3>How a status comes about</h3>\n\
         <p>The project file declares what there is: assets, elements, flows, people. From it threats are derived; \
         each threat names the controls that treat it, and each control says which evidence it wants to see. \
         Evidence is a signed statement about one subject, named by its SHA-256 digest, with a time of collection \
         and an expiry. It counts if its signer was entitled to make it, and it is judged by the control’s own \
         criterion. Nothing is satisfied by default: no evidence is unknown, an incomplete run is unknown, and an \
         earlier failure stays until a complete run clears it. Over several subjects the worst status is taken.</p>\n\
         <p>Evidence is sufficient, partial or context. Only sufficient evidence for every clause satisfies a \
         control. A file that was not examined is listed, and nothing is said about it.</p>\n\
         <h3>Statuses</h3>\n<dl class=\"words\">\n",
    );
    for (status, meaning) in STATUSES {
        page.raw("<div><dt>").status(status).raw("</dt><dd>").raw(meaning).raw("</dd></div>\n");
    }
    page.raw(
        "</dl>\n<h3>Log, witness, self-attested</h3>\n\
         <p>Statements stand in an append-only log, a Merkle tree: its root is a digest over all entries and their \
         order, so an entry cannot be changed, dropped or moved without changing the root. A reader who keeps the \
         head of the log (its size and root) can later see whether what was then recorded still stands. A witness \
         on another host signs the heads that it has seen (C2SP tlog-cosignature), and an authority says at what time \
         a head existed (RFC 3161); whose word counts stands in the trust file, which the root key signs. Not \
         witnessed means that nobody outside has seen those entries, so that whoever holds the machine could \
         still replace them. Self-attested means that the key that says whom to believe lies on the machine \
         that collects, so that whoever holds the machine could speak for both. A refused statement stands in the \
         log and counts for nothing.</p>\n\
         <h3>Findings</h3>\n\
         <p>A finding is one rule in one place of one asset. Its fingerprint names it across runs and machines; 16 of \
         its 64 digits are shown. Secrets and personal data are never written out: only their kind, a class of \
         length and at most two characters.</p>\n\
         <h3>Decisions and gates</h3>\n\
         <p>A decision to live with something is asked for by one person and agreed to by another, each with a key of \
         their own; it says what it is about, why, who owns what follows, and when it ends. It is void once the bytes \
         that it is about are others. A finding that passes by it stays counted, and the control becomes excepted. A \
         gate is a policy that is asked at a transition, such as a deployment: it sees statuses and counts, and each \
         rule that refuses names its remedy. Rules of the organisation cannot be overridden by a project. A \
         break-glass opens a gate for at most 24 hours, takes two people, and is said in every report meanwhile.</p>\n\
         <h3>Declared and observed</h3>\n\
         <p>What was seen and is not declared is a finding. What an earlier assessment had and this one lacks (a threat, \
         control, asset, element, flow or gate) needs the agreement of somebody other than the person who removed it; \
         until then the two are unreconciled.</p>\n\
         <h3>Considerations</h3>\n<dl class=\"words\">\n",
    );
    for (id, name) in CONSIDERATIONS {
        page.raw("<div><dt>").raw(id).raw("</dt><dd>").raw(name).raw("</dd></div>\n");
    }
    page.raw(
        "</dl>\n<h3>To check this report</h3>\n\
         <p>The digest at the foot of each page is that of the JSON report of the same run; \
         <code>sha256sum report.json</code> prints it. The log head is what <code>bartizan ledger verify</code> \
         compares with the log. This file holds no script and loads nothing.</p>\n",
    );
}
