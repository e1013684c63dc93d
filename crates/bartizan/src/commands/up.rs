use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use bartizan_console::{Console, Options, Origin};
use bartizan_engine::{EngineError, Source};
use bartizan_finding::Severity;
use bartizan_project::{Asset, AssetKind};
use bartizan_report::v1::Report;

use crate::{
    arguments::{DemoKind, FormatKind, Global, UpArguments},
    environment::Environment,
    exit::Exit,
    interrupt::Interrupt,
    output,
    served::Served,
};

/// The folder of the example, below the one that `up` was called in.
const EXAMPLE: &str = "bartizan-demo";

/// Where the console listens, unless told otherwise.
pub(super) const USUAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8686);

/// `bartizan up`
pub(crate) fn run(
    arguments: &UpArguments,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    // A port that cannot be had is said before the work, not after it.
    let place = if arguments.once { None } else { Some(Place::take(arguments)?) };
    let (folder, is_example) = project(arguments, global, environment)?;
    let report = check(&folder, is_example, global, environment)?;
    output::print(&super::check::render(&report, FormatKind::Text, global, environment, true))?;
    if is_example {
        output::print(&format!(
            "\nThis is an example. Look further:\n  cd {}\n  bartizan threat list\n  bartizan ledger verify\n  bartizan demo compromised /tmp/compromised && bartizan check /tmp/compromised\n",
            folder.display()
        ))?;
    }
    match place {
        Some(place) if !Interrupt::watched().is_asked() => {
            serve(place, folder, report, global, environment)?;
            Ok(Exit::Done)
        }
        _ => Ok(Exit::Code(report.outcome.exit_code)),
    }
}

/// The folder to look at, and whether it is the example.
fn project(
    arguments: &UpArguments,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<(PathBuf, bool)> {
    let place = arguments.path.clone().unwrap_or_else(|| environment.folder.clone());
    let own = global.config.is_some() || has_something_of_its_own(&place);
    if own && !arguments.demo {
        return Ok((place, false));
    }
    let example = place.join(EXAMPLE);
    if !example.join("bartizan.toml").is_file() {
        output::talk(&format!("There is no project here: an example is written to {}", example.display()));
        super::demo::write(DemoKind::Helpdesk, &example, 1, environment)?;
    }
    Ok((example, true))
}

fn check(
    folder: &Path,
    is_example: bool,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Report> {
    super::check::check_path(folder.to_owned(), Severity::High, global, environment).map_err(|error| {
        match error.downcast_ref::<EngineError>() {
            Some(EngineError::Project(_)) if is_example => error.context(format!(
                "the example at {} was changed; remove it to have it written again",
                folder.display()
            )),
            _ => error,
        }
    })
}

/// Serves the console until the program is asked to stop.
fn serve(
    place: Place,
    folder: PathBuf,
    report: Report,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<()> {
    let served = Served::new(folder, &place.label()?, Severity::High, global, environment)?;
    let served = Arc::new(served);
    let console = Console::new(served.clone(), Options::new(place.origins))?;
    console.show(report);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Pages are rendered on these threads; the default of 512 would let a crowd take the machine's memory.
        .max_blocking_threads(8)
        .thread_keep_alive(Duration::from_secs(2))
        .build()
        .context("cannot start the runtime")?;
    let stopped = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(place.listener)?;
        output::print(&format!("\nConsole: {}\n", console.link()))?;
        output::talk(&served.instructions());
        let interrupt = Interrupt::watched();
        console
            .serve(listener, async move { interrupt.wait().await })
            .await
            .context("cannot serve the console")
    });
    served.forget_link();
    // A page that waits for a disk that does not answer holds nobody up.
    runtime.shutdown_background();
    output::talk("bartizan: the console has stopped; what was recorded stays recorded");
    stopped
}

/// Where the console is reached.
struct Place {
    listener: TcpListener,
    origins: Vec<Origin>,
}

impl Place {
    /// Takes the address that was asked for; where none was, [`USUAL`], or any other that is free.
    fn take(arguments: &UpArguments) -> anyhow::Result<Self> {
        let listener = match arguments.listen {
            Some(address) => TcpListener::bind(address)
                .with_context(|| format!("cannot listen on {address}; name another with --listen"))?,
            None => TcpListener::bind(USUAL).or_else(|error| {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                    .with_context(|| format!("cannot listen on {USUAL} ({error}) or any other port"))?;
                let taken = listener.local_addr()?.port();
                output::talk(&format!(
                    "bartizan: {USUAL} is taken ({error}); the console listens on port {taken}"
                ));
                anyhow::Ok(listener)
            })?,
        };
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let mut origins = arguments.origin.clone();
        if address.ip().is_loopback() {
            // The address itself first, since the others lead here only from the usual ones.
            let own = format!("http://{address}").parse().context("cannot tell the console's address")?;
            for origin in std::iter::once(own).chain(Origin::loopback(address.port())) {
                if !origins.contains(&origin) {
                    origins.push(origin);
                }
            }
        }
        anyhow::ensure!(
            !origins.is_empty(),
            "{address} can be reached from outside this machine: say with --origin under which address people use \
             the console, such as --origin https://bartizan.example.com, and put a server with TLS before it"
        );
        Ok(Self { listener, origins })
    }

    /// What tells this console from others in the names of files: nothing on the usual port, else the port.
    fn label(&self) -> anyhow::Result<String> {
        let port = self.listener.local_addr()?.port();
        Ok(if port == USUAL.port() { String::new() } else { format!("-{port}") })
    }
}

/// Whether there is a project here, or at least a model to look at.
fn has_something_of_its_own(place: &Path) -> bool {
    match Source::find(place, None) {
        Ok(source) if source.is_inferred() => {
            source.project.assets.values().any(|asset| asset.kind == AssetKind::Model && !is_example(asset))
        }
        Ok(_) => true,
        // A project with faults is a project, and the check says what is wrong with it.
        Err(error) => !matches!(error, EngineError::NothingToCheck(_)),
    }
}

/// Whether an asset belongs to the example that an earlier `up` wrote.
fn is_example(asset: &Asset) -> bool {
    asset.path.as_ref().is_some_and(|path| path.as_str().starts_with(EXAMPLE))
}
