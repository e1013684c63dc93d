use std::path::Path;

use anyhow::{Context as _, bail};
use bartizan_attest::{Collector, EditFault, TimestampAuthority, Trust, TrustContent, VerifyingKey, Witness};
use bartizan_engine::{
    Source, files,
    state::{self, TrustFiles},
};
use bartizan_finding::{PredicateKind, Timestamp};
use jiff::SignedDuration;

use crate::{
    arguments::{Global, TrustCommand},
    environment::Environment,
    exit::Exit,
    output,
};

/// The most bytes of a public key or certificate that are read.
const MAX_KEY: u64 = 64 * 1024;

/// What a person may state unless more is said.
const PERSON_MAY: [PredicateKind; 2] = [PredicateKind::Approval, PredicateKind::Exception];

/// `bartizan trust`
pub(crate) fn run(
    command: &TrustCommand,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    let desk = Desk { source: super::declared(global, environment)?, global, environment };
    match command {
        TrustCommand::Show => desk.show(),
        TrustCommand::Add { name, key, may, days } => desk.add(name, key, may, *days),
        TrustCommand::AddWitness { vkey } => {
            let witness: Witness = vkey.parse().context("this is no key of a witness")?;
            let name = witness.name().to_string();
            desk.change(|content| content.with_witness(witness))?;
            output::print(&format!("Believes the witness {name} from now on.\n"))?;
            Ok(Exit::Done)
        }
        TrustCommand::AddAuthority { name, certificate } => {
            let bytes = read(certificate)?;
            let authority =
                TimestampAuthority::new(name.clone(), &bytes).context("this is no certificate")?;
            desk.change(|content| content.with_authority(authority))?;
            output::print(&format!("Believes the time-stamping authority {name} from now on.\n"))?;
            Ok(Exit::Done)
        }
        TrustCommand::Revoke { key, at, reason } => {
            let fingerprint = desk.fingerprint(key)?;
            let at = at.unwrap_or_else(Environment::now);
            let trust = desk.change(|content| content.with_revoked(&fingerprint, at, reason))?;
            output::print(&format!(
                "Revoked {fingerprint} from {at} on; the trust file is number {}.\nWhat it signed counts only where somebody outside saw it before.\n",
                trust.head().serial
            ))?;
            Ok(Exit::Done)
        }
        TrustCommand::Export { file } => {
            desk.trust()?;
            let files = TrustFiles::read(&desk.folder())?;
            let text = super::json(&files)?;
            if file.as_os_str() == "-" {
                output::print(&text)?;
            } else {
                output::write_file(file, &text)?;
            }
            Ok(Exit::Done)
        }
    }
}

struct Desk<'a> {
    source: Source,
    global: &'a Global,
    environment: &'a Environment,
}

impl Desk<'_> {
    fn folder(&self) -> std::path::PathBuf {
        super::state_folder(&self.source, self.global)
    }

    fn trust(&self) -> anyhow::Result<Trust> {
        Ok(state::open_trust(&self.folder(), &self.source.project)?)
    }

    fn change(
        &self,
        edit: impl FnOnce(TrustContent) -> Result<TrustContent, EditFault>,
    ) -> anyhow::Result<Trust> {
        let passphrase = self.environment.root_passphrase.as_deref();
        let trust =
            state::change_trust(&self.folder(), &self.source.project, passphrase, Environment::now(), edit)?;
        if let Ok(state) = state::State::open(&self.folder(), &self.source.project) {
            super::remember(&state, self.environment)?;
        }
        Ok(trust)
    }

    fn add(&self, name: &str, key: &Path, may: &[PredicateKind], days: u16) -> anyhow::Result<Exit> {
        let pem = String::from_utf8(read(key)?).with_context(|| format!("{} is not UTF-8", key.display()))?;
        let key = VerifyingKey::from_pem(&pem).with_context(|| format!("cannot use {}", key.display()))?;
        let now = Environment::now();
        let until = now.checked_add(SignedDuration::from_hours(i64::from(days) * 24));
        let mut collector = Collector {
            name: name.to_owned(),
            key,
            may: may.iter().copied().collect(),
            from: now,
            until: until.unwrap_or(Timestamp::MAX),
            revoked: None,
        };
        if may.is_empty() && collector.is_person() {
            collector.may = PERSON_MAY.into();
        } else if may.is_empty() {
            // Gates are decided where the evidence is, not by whoever brings some of it.
            let evidence = state::MACHINE_MAY.into_iter().filter(|kind| *kind != PredicateKind::GateDecision);
            collector.may = evidence.collect();
        }
        let kinds: Vec<_> = collector.may.iter().map(|kind| kind.as_str()).collect();
        let said = format!(
            "{name} may make {} statements until {}, signed by {}.\n",
            kinds.join(", "),
            collector.until,
            key.fingerprint()
        );
        self.change(|content| content.with_collector(collector))?;
        output::print(&said)?;
        Ok(Exit::Done)
    }

    /// The key with this fingerprint, or the only one whose fingerprint begins with it.
    fn fingerprint(&self, text: &str) -> anyhow::Result<bartizan_attest::KeyFingerprint> {
        let trust = self.trust()?;
        let keys = trust.collectors().iter().map(|collector| collector.key.fingerprint());
        let found: Vec<_> = keys.filter(|key| key.to_string().starts_with(text)).collect();
        match found.as_slice() {
            [one] => Ok(*one),
            several => bail!(
                "{} keys of collectors begin with `{text}`; `bartizan trust show` lists them",
                several.len()
            ),
        }
    }

    fn show(&self) -> anyhow::Result<Exit> {
        let trust = self.trust()?;
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
        trust.collectors().iter().for_each(|collector| text.push_str(&row(collector)));
        for witness in trust.witnesses() {
            text.push_str(&format!(
                "\nwitness {}\n  key       {}\n",
                witness.name(),
                witness.key().fingerprint()
            ));
        }
        for authority in trust.authorities() {
            let name = bartizan_artifact::escape(&authority.name, 120);
            text.push_str(&format!("\ntime-stamping authority {name}\n"));
        }
        output::print(&text)?;
        Ok(Exit::Done)
    }
}

fn row(collector: &Collector) -> String {
    let kinds: Vec<_> = collector.may.iter().map(|kind| kind.as_str()).collect();
    let mut text = format!(
        "\n{}{}  {}\n  may make  {}\n  valid     {} to {}\n",
        collector.name,
        if collector.is_person() { " (person)" } else { "" },
        collector.key.fingerprint(),
        kinds.join(", "),
        collector.from,
        collector.until
    );
    if let Some(revoked) = &collector.revoked {
        text.push_str(&format!(
            "  revoked   from {} on: {}\n",
            revoked.at,
            bartizan_artifact::escape(&revoked.reason, 200)
        ));
    }
    text
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    files::read(path, MAX_KEY).with_context(|| format!("cannot read {}", path.display()))
}
