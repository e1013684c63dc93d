use crate::{
    arguments::{Global, ListFormat, RiskCommand},
    environment::Environment,
    exit::Exit,
    output,
};

/// `bartizan risk`
pub(crate) fn run(command: &RiskCommand, global: &Global, environment: &Environment) -> anyhow::Result<Exit> {
    let format = match command {
        RiskCommand::Accept(arguments) => return super::exception::accept(arguments, global, environment),
        RiskCommand::List { format } => format,
    };
    let model = super::threat::derive(global, environment)?;
    let mut risks: Vec<_> = model.risks.iter().zip(&model.threats).collect();
    risks.sort_by_key(|(risk, _)| std::cmp::Reverse(risk.score));
    if *format == ListFormat::Json {
        let risks: Vec<_> = risks.iter().map(|(risk, _)| risk).collect();
        output::print(&super::json(&risks)?)?;
        return Ok(Exit::Done);
    }
    let mut text = format!(
        "{:<5} {:<8} {:<4} {:<14} {:<9} {}\n",
        "score", "severity", "rc", "owner", "treatment", "threat"
    );
    for (risk, threat) in risks {
        let owner = risk.owner.as_ref().map_or("nobody", |owner| owner.as_str());
        let row = format!(
            "{:>5} {:<8} {:<4} {owner:<14} {:<9} {} {}\n",
            risk.score,
            risk.severity,
            risk.consideration.id(),
            risk.treatment.as_str(),
            threat.id,
            threat.title,
        );
        text.push_str(&row);
    }
    output::print(&text)?;
    Ok(Exit::Done)
}
