//! The calls that the help and the manual pages show. A test parses every one of them, so that none is wrong.

/// A call, and what it is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Example {
    /// The call, as it is typed.
    pub(crate) line: &'static str,
    /// What it is for: a fragment without a full stop.
    pub(crate) says: &'static str,
}

/// The examples of a command, which is named without the program: `ledger verify`, or nothing for the program itself.
pub(crate) fn of(command: &str) -> &'static [Example] {
    TABLE.iter().find(|(name, _)| *name == command).map_or(&[], |(_, examples)| *examples)
}

const fn example(line: &'static str, says: &'static str) -> Example {
    Example { line, says }
}

/// The short help shows the first two of each command, the long help and the manual all.
#[rustfmt::skip]
pub(super) const TABLE: &[(&str, &[Example])] = &[
    ("", &[
        example("bartizan up", "check the project here, or an example; then the console"),
        example("bartizan check", "check the project in this folder"),
        example("bartizan init", "write a project file for what is in this folder"),
        example("bartizan explain PKL001", "what a finding means and how to mend it"),
    ]),
    ("init", &[
        example("bartizan init", "ask, and write bartizan.toml for this folder"),
        example("bartizan init --yes ~/helpdesk", "take the defaults, in scripts"),
        example("bartizan init --force --no-keys", "anew; the old file and the keys stay"),
    ]),
    ("check", &[
        example("bartizan check", "check the project in this folder"),
        example("bartizan check --format html=report.html --format sarif=out.sarif", "a page to hand on, and a log for a code host"),
        example("bartizan check --baseline main.json --gate deploy", "fail on new findings alone, and ask a gate"),
        example("bartizan check --bundle ci.intoto.jsonl --collector ci --key ci.key", "on a runner: sign for a log elsewhere"),
    ]),
    ("up", &[
        example("bartizan up", "check the project here, or an example, then serve the console"),
        example("bartizan up --demo", "the example, even where there is a project"),
        example("bartizan up --once ~/helpdesk", "check that project and print, without a console"),
        example("bartizan up --listen 127.0.0.1:9000", "serve the console on another port"),
    ]),
    ("demo", &[
        example("bartizan demo helpdesk /tmp/helpdesk", "a support assistant, as it should be"),
        example("bartizan demo compromised /tmp/compromised", "the same with planted faults"),
        example("bartizan demo helpdesk /tmp/other --seed 7", "other content"),
    ]),
    ("threat", &[
        example("bartizan threat list", "every threat that holds for the declared system"),
        example("bartizan threat show THR001", "why it holds, along which path"),
    ]),
    ("threat list", &[
        example("bartizan threat list", "every threat that holds for the declared system"),
        example("bartizan threat list --format json", "the same for programs"),
    ]),
    ("threat show", &[
        example("bartizan threat show THR001", "the threats of one rule"),
        example("bartizan threat show THR001 --config ~/helpdesk/bartizan.toml", "of a project elsewhere"),
    ]),
    ("risk", &[
        example("bartizan risk list", "what the threats weigh, worst first"),
        example("bartizan risk list --format json", "the same for programs"),
    ]),
    ("risk accept", &[
        example("bartizan risk accept THR003-0e3fbc6d7e42 --reason pilot --owner product --key ana.key", "ask to live with a risk"),
        example("bartizan exception approve 5d2c --key mira.key", "somebody else agrees"),
    ]),
    ("risk list", &[
        example("bartizan risk list", "what the threats weigh, worst first"),
        example("bartizan risk list --format json", "the same for programs"),
    ]),
    ("model", &[
        example("bartizan model scan ./downloads", "what loading the model files in a folder would do"),
        example("bartizan model convert pytorch_model.bin model.safetensors", "the tensors alone, without loading the file"),
    ]),
    ("model convert", &[
        example("bartizan model convert pytorch_model.bin model.safetensors", "the tensors alone, without loading the file"),
        example("bartizan model convert --select state_dict epoch-3.ckpt model.safetensors", "of a training checkpoint the model"),
    ]),
    ("model scan", &[
        example("bartizan model scan model.pt", "what loading this file would do"),
        example("bartizan model scan ./model --format json=scan.json --format sarif=scan.sarif", "for programs, and for a code host"),
        example("bartizan model scan --structure llama.gguf", "the structure alone, of a file of hundreds of gigabytes"),
    ]),
    ("key", &[
        example("bartizan key new", "make the keys of this project"),
        example("bartizan key renew", "replace the collector key before it runs out"),
        example("bartizan key list", "which keys there are"),
    ]),
    ("key new", &[
        example("bartizan key new", "keys in .bartizan beside the project file"),
        example("bartizan key new --state /var/lib/bartizan/state", "keys in another folder"),
    ]),
    ("key renew", &[
        example("bartizan key renew", "replace the collector key"),
        example("bartizan key renew --config ~/helpdesk/bartizan.toml", "of a project elsewhere"),
    ]),
    ("key list", &[
        example("bartizan key list", "which keys there are, by fingerprint"),
        example("bartizan key list --state /var/lib/bartizan/state", "in another folder"),
    ]),
    ("trust", &[
        example("bartizan trust show", "who may make which evidence, until when"),
        example("bartizan trust show --config ~/helpdesk/bartizan.toml", "for a project elsewhere"),
    ]),
    ("trust show", &[
        example("bartizan trust show", "who may make which evidence, until when"),
        example("bartizan trust show --config ~/helpdesk/bartizan.toml", "for a project elsewhere"),
    ]),
    ("ledger", &[
        example("bartizan ledger log -n 5", "the five newest entries"),
        example("bartizan ledger verify", "audit every file of the log"),
        example("bartizan ledger prove 12 > entry-12.proof", "a proof to hand on"),
        example("bartizan ledger import ci.intoto.jsonl", "take in what a CI runner has stated"),
    ]),
    ("ledger log", &[
        example("bartizan ledger log -n 5", "the five newest entries"),
        example("bartizan ledger log --format json", "the twenty newest, for programs"),
    ]),
    ("ledger verify", &[
        example("bartizan ledger verify", "audit the log against the last head seen here"),
        example("bartizan ledger verify --head kept-elsewhere", "against a head that was kept elsewhere"),
        example("bartizan ledger verify helpdesk.tar.gz", "a pack that somebody handed on"),
    ]),
    ("ledger prove", &[
        example("bartizan ledger prove 12", "the proof that entry 12 is in the log"),
        example("bartizan ledger prove 12 > entry-12.proof", "the same, to hand on"),
    ]),
    ("key make", &[
        example("bartizan key make ci.key", "a key for a collector; ci.key.pub goes to whoever holds the root key"),
        example("bartizan key make ~/.config/bartizan/me.key", "your own key, to ask for exceptions and agree to them"),
    ]),
    ("trust add", &[
        example("bartizan trust add ci ci.key.pub --days 30", "let the CI runner state what a check states"),
        example("bartizan trust add mira@example.com mira.key.pub", "let a person ask for exceptions and agree to them"),
    ]),
    ("trust add-witness", &[
        example("bartizan trust add-witness example.com/witness+ac95b3d2+AVhjLxuLk3pCSqFDKbPdjZQKIMtjO9lTFYQ5MKa4RpUs", "believe a witness"),
        example("bartizan ledger witness --url https://example.com/witness", "then ask it to look at the log"),
    ]),
    ("trust add-authority", &[
        example("bartizan trust add-authority example tsa-root.pem", "believe a time-stamping authority"),
        example("bartizan ledger stamp --url http://tsa.example.com", "then ask it for a stamp"),
    ]),
    ("trust revoke", &[
        example("bartizan trust revoke SHA256:2f1b --reason rebuilt", "from now on"),
        example("bartizan trust revoke SHA256:2f1b --at 2026-05-01T00:00:00Z --reason stolen", "from the theft on"),
    ]),
    ("trust export", &[
        example("bartizan trust export helpdesk.trust", "for a deployer"),
        example("bartizan trust export - > helpdesk.trust", "the same, to standard output"),
    ]),
    ("ledger import", &[
        example("bartizan ledger import ci.intoto.jsonl", "take in what a CI runner has stated"),
        example("bartizan ledger import ci.intoto.jsonl --proofs proofs/", "and keep a proof for each statement"),
    ]),
    ("ledger stamp", &[
        example("bartizan ledger stamp --url http://tsa.example.com", "over the network"),
        example("bartizan ledger stamp --request head.tsq", "without it: send head.tsq to the authority"),
        example("bartizan ledger stamp --response head.tsr", "and take in its answer"),
    ]),
    ("ledger witness", &[
        example("bartizan ledger witness --url https://example.com/witness", "over the network"),
        example("bartizan ledger witness --checkpoint cosigned.checkpoint", "without it"),
    ]),
    ("gate", &[
        example("bartizan gate deploy", "may the project be deployed, given the evidence"),
        example("bartizan gate release --asset assistant --key mira.key", "may Mira release this model"),
        example("bartizan gate deploy --export deploy.decision", "for whoever deploys"),
        example("bartizan gate verify deploy.decision --root SHA256:2f1b --subject model/", "there: does it allow these bytes"),
    ]),
    ("gate verify", &[
        example("bartizan gate verify deploy.decision --root SHA256:2f1b --subject model/", "does the decision allow these bytes"),
        example("bartizan gate verify deploy.decision --root SHA256:2f1b --subject sha256:6ca1 --format json", "by digest, for programs"),
    ]),
    ("gate admit", &[
        example("bartizan gate admit --decisions passes/ --root SHA256:2f1b < review.json", "answer one review"),
        example("bartizan gate admit --decisions passes/ --root SHA256:2f1b --listen 0.0.0.0:8443 --tls-certificate tls.crt --tls-key tls.key", "serve them"),
    ]),
    ("gate schema", &[
        example("bartizan gate schema > bartizan.cedarschema", "for an editor"),
        example("bartizan gate schema", "what a policy can ask about"),
    ]),
    ("gate template", &[
        example("bartizan gate template deploy > policies/deploy.cedar", "a policy to start from"),
        example("bartizan gate template release", "the same for releases"),
    ]),
    ("gate approve", &[
        example("bartizan gate approve assistant --author wei@example.com --key mira.key", "agree to a release"),
        example("bartizan gate release --asset assistant", "then ask the gate"),
    ]),
    ("exception", &[
        example("bartizan exception add --finding 3f9a --reason synthetic --owner data --key ana.key", "ask to live with a finding"),
        example("bartizan exception approve 5d2c --key mira.key", "somebody else agrees"),
        example("bartizan exception list", "what holds, and until when"),
    ]),
    ("exception add", &[
        example("bartizan exception add --finding 3f9a --reason synthetic --owner data --key ana.key", "ask to live with a finding"),
        example("bartizan exception add --lost element/orders-api --reason retired --owner product --key ana.key", "say that something may be gone"),
        example("bartizan exception add --break-glass deploy --lasts 2h --reason outage --owner oncall --key leila.key", "pass a gate that denies"),
    ]),
    ("exception approve", &[
        example("bartizan exception approve 5d2c --key mira.key", "agree to what somebody else asked for"),
        example("bartizan exception list", "see whether it holds now"),
    ]),
    ("exception revoke", &[
        example("bartizan exception revoke 5d2c --reason mended --key mira.key", "take it back"),
        example("bartizan check", "the finding counts again"),
    ]),
    ("exception list", &[
        example("bartizan exception list", "what was asked for and agreed, and where it stands"),
        example("bartizan exception list --format json", "the same for programs"),
    ]),
    ("assess", &[
        example("bartizan assess", "how each control stands by what is recorded"),
        example("bartizan assess --require model-scan --format json", "for programs"),
    ]),
    ("report", &[
        example("bartizan report pack helpdesk.tar.gz", "everything that a third party needs"),
        example("bartizan ledger verify helpdesk.tar.gz", "which verifies it with this program alone"),
    ]),
    ("report pack", &[
        example("bartizan report pack helpdesk.tar.gz", "everything that a third party needs"),
        example("bartizan ledger verify helpdesk.tar.gz --root SHA256:2f1b", "there, with the root key told on another way"),
    ]),
    ("explain", &[
        example("bartizan explain PKL001", "a rule: what it finds, why, how to mend it"),
        example("bartizan explain SEC001/stripe-live", "one variant of a rule"),
        example("bartizan explain model-scan", "a control: what must be shown for it"),
        example("bartizan explain owasp-llm:2026/LLM04", "an entry of a standard: who speaks of it, what it was"),
    ]),
    ("rules", &[
        example("bartizan rules", "every rule with its severity"),
        example("bartizan rules --format json", "the same for programs"),
    ]),
    ("standards", &[
        example("bartizan standards list", "every edition with licence and source"),
        example("bartizan standards show owasp-llm:2026", "its entries, and the controls that name them"),
        example("bartizan standards migrate owasp-llm:2023/LLM10", "what became of an entry"),
    ]),
    ("standards list", &[
        example("bartizan standards list", "every edition with licence and source"),
        example("bartizan standards list --format json", "the same for programs"),
    ]),
    ("standards show", &[
        example("bartizan standards show owasp-asi:2026", "its entries, and the controls that name them"),
        example("bartizan standards show aisvs:1.0 --format json", "the same for programs"),
    ]),
    ("standards migrate", &[
        example("bartizan standards migrate owasp-llm:2023/LLM10", "what it is called in every later edition"),
        example("bartizan standards migrate owasp-llm:2026/LLM04 --to owasp-llm:2023", "what it was there"),
    ]),
    ("config", &[
        example("bartizan config schema > bartizan.schema.json", "the schema, for an editor"),
        example("bartizan config import-catalog catalog.json", "official texts for `bartizan explain`"),
    ]),
    ("config schema", &[
        example("bartizan config schema", "the schema of the project file"),
        example("bartizan config schema > bartizan.schema.json", "the same, for an editor"),
    ]),
    ("config import-catalog", &[
        example("bartizan config import-catalog catalog.json", "take in the official texts"),
        example("bartizan explain model-scan", "then shows them"),
    ]),
    ("doctor", &[
        example("bartizan doctor", "look at the project here and at this machine"),
        example("bartizan doctor --format json", "the same for programs"),
        example("bartizan doctor --config ~/helpdesk/bartizan.toml", "for a project elsewhere"),
    ]),
    ("completions", &[
        example("bartizan completions bash > ~/.local/share/bash-completion/completions/bartizan", "bash"),
        example("bartizan completions fish > ~/.config/fish/completions/bartizan.fish", "fish"),
        example("bartizan completions zsh > ~/.zfunc/_bartizan", "zsh, where ~/.zfunc is in fpath"),
    ]),
    ("man", &[
        example("bartizan man | man -l -", "read the page of the program"),
        example("bartizan man ~/.local/share/man/man1", "one page for each command"),
    ]),
];
