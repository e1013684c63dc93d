use bartizan_engine::state;

use crate::{
    arguments::{Global, TrustCommand},
    environment::Environment,
    exit::Exit,
    output,
};

/// `bartizan trust`
pub(crate) fn run(
    command: &TrustCommand,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    let TrustCommand::Show = command;
    let source = super::declared(global, environment)?;
    let trust = state::open_trust(&super::state_folder(&source, global), &source.project)?;
    let pinned = if trust.root_pinned() {
        "pinned in bartizan.toml"
    } else {
        "not pinned: believed because it lies there"
    };
    let mut text = format!(
        "{}: trust file {}\nroot {} ({pinned})\n",
        trust.project(),
        trust.head().serial,
        trust.root()
    );
    if trust.self_attested() {
        text.push_str("self-attested: root and collector keys lie on one machine\n");
    }
    for collector in trust.collectors() {
        let kinds: Vec<_> = collector.may.iter().map(|kind| kind.as_str()).collect();
        text.push_str(&format!(
            "\n{}  {}\n  may make  {}\n  valid     {} to {}\n",
            collector.name,
            collector.key.fingerprint(),
            kinds.join(", "),
            collector.from,
            collector.until
        ));
        if let Some(revoked) = &collector.revoked {
            text.push_str(&format!(
                "  revoked   from {} on: {}\n",
                revoked.at,
                bartizan_artifact::escape(&revoked.reason, 200)
            ));
        }
    }
    output::print(&text)?;
    Ok(Exit::Done)
}
