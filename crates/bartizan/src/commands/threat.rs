use bartizan_threat::Model;

use crate::{
    arguments::{Global, ListFormat, ThreatCommand},
    environment::Environment,
    exit::Exit,
    output,
};

/// `bartizan threat`
pub(crate) fn run(
    command: &ThreatCommand,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    let model = derive(global, environment)?;
    match command {
        ThreatCommand::List { format: ListFormat::Json } => output::print(&super::json(&model.threats)?)?,
        ThreatCommand::List { format: ListFormat::Text } => {
            let mut text = String::new();
            for (threat, risk) in model.threats.iter().zip(&model.risks) {
                let row = format!(
                    "{:<20} {:<8} {:<9} {}\n{:30}{}\n",
                    threat.id,
                    threat.severity,
                    risk.treatment.as_str(),
                    threat.title,
                    "",
                    threat.path_text()
                );
                text.push_str(&row);
            }
            text.push_str(&format!(
                "{} threats, asking for {} controls.\n",
                model.threats.len(),
                model.controls.len()
            ));
            output::print(&text)?;
        }
        ThreatCommand::Show { id } => {
            let wanted: Vec<_> = model
                .threats
                .iter()
                .filter(|threat| threat.id.as_str() == id || threat.rule.as_str() == id)
                .collect();
            if wanted.is_empty() {
                anyhow::bail!("there is no threat `{id}` in this project; `bartizan threat list` lists them");
            }
            output::print(&wanted.iter().map(|threat| threat.summary()).collect::<Vec<_>>().join("\n"))?;
        }
    }
    Ok(Exit::Done)
}

/// The threats of the declared project, as of today.
pub(crate) fn derive(global: &Global, environment: &Environment) -> anyhow::Result<Model> {
    let source = super::declared(global, environment)?;
    let today = Environment::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    Ok(bartizan_threat::derive(&source.project, today))
}
