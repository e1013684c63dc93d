//! What is shipped beside the binary: the systemd unit, the container image, the admission webhook of Kubernetes and the
//! guide that installs them.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use crate::run::Place;

/// A file of the repository.
fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// The settings of a unit in their order: section, name, value (systemd.syntax(7), without continued lines).
fn settings(unit: &str) -> Vec<(String, String, String)> {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in unit.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
        assert!(!line.ends_with('\\'), "a line is continued, which this reader does not know: {line}");
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut section);
            continue;
        }
        let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("no setting: {line}"));
        found.push((section.clone(), name.trim().to_owned(), value.trim().to_owned()));
    }
    found
}

/// The values of a setting.
fn values<'a>(settings: &'a [(String, String, String)], section: &str, name: &str) -> Vec<&'a str> {
    let wanted = settings.iter().filter(|(of, this, _)| of == section && this == name);
    wanted.map(|(_, _, value)| value.as_str()).collect()
}

/// Whether the program takes these words: the help that is asked for last is shown only where nothing before it is
/// wrong.
fn taken(place: &Place, words: &[&str]) -> Result<(), String> {
    let words: Vec<&str> = words.iter().copied().chain(["--help"]).collect();
    let ran = place.run(&words);
    if ran.code == 0 { Ok(()) } else { Err(ran.err) }
}

#[test]
fn words_that_are_wrong_are_not_taken() {
    let place = Place::new();
    assert_eq!(taken(&place, &["up", "--listen", "127.0.0.1:8686", "/project"]), Ok(()));
    for wrong in [&["up", "--listen", "nowhere"][..], &["upp"], &["up", "--no-such-flag"], &["up", "a", "b"]]
    {
        assert!(taken(&place, wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn the_unit_starts_what_the_program_can_do() {
    let unit = settings(&file("packaging/systemd/bartizan.service"));
    let start = values(&unit, "Service", "ExecStart");
    assert_eq!(start.len(), 1, "{start:?}");
    let words: Vec<&str> = start[0].split_whitespace().collect();
    assert_eq!(words[..2], ["/usr/bin/bartizan", "up"]);
    assert_eq!(taken(&Place::new(), &words[1..]), Ok(()));
    let state = values(&unit, "Service", "StateDirectory");
    assert!(words.iter().any(|word| word.starts_with(&format!("/var/lib/{}/", state[0]))), "{words:?}");
    assert!(words.contains(&"127.0.0.1:8686"), "the console listens to others than this machine");

    // Restarting mends what may go away by itself, and nothing else.
    let kept = values(&unit, "Service", "RestartPreventExitStatus");
    let codes: BTreeSet<u8> = kept[0].split(' ').map(|code| code.parse().unwrap()).collect();
    assert_eq!(codes, [2, 3, 5].into());
    let told = Place::new().run(&["--help"]).out;
    for code in codes {
        assert!(told.contains(&format!("\n  {code}  ")), "{code} is no exit code of the program");
    }
}

/// What systemd.exec(5), systemd.resource-control(5) and systemd.service(5) offer to keep a service in.
const HARDENING: [(&str, &str); 37] = [
    ("User", "bartizan"),
    ("Group", "bartizan"),
    ("UMask", "0077"),
    ("StateDirectory", "bartizan"),
    ("StateDirectoryMode", "0700"),
    ("ProtectSystem", "strict"),
    ("ProtectHome", "yes"),
    ("PrivateTmp", "yes"),
    ("PrivateMounts", "yes"),
    ("PrivateDevices", "yes"),
    ("PrivateUsers", "yes"),
    ("ProtectProc", "invisible"),
    ("ProcSubset", "pid"),
    ("RemoveIPC", "yes"),
    ("NoNewPrivileges", "yes"),
    ("CapabilityBoundingSet", ""),
    ("AmbientCapabilities", ""),
    ("SystemCallArchitectures", "native"),
    ("SystemCallErrorNumber", "EPERM"),
    ("MemoryDenyWriteExecute", "yes"),
    ("LockPersonality", "yes"),
    ("RestrictNamespaces", "yes"),
    ("RestrictRealtime", "yes"),
    ("RestrictSUIDSGID", "yes"),
    ("ProtectClock", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectHostname", "yes"),
    ("ProtectKernelLogs", "yes"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("KeyringMode", "private"),
    ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
    ("IPAddressDeny", "any"),
    ("IPAddressAllow", "localhost"),
    ("MemoryMax", "1G"),
    ("TasksMax", "512"),
    ("LimitCORE", "0"),
];

#[test]
fn the_unit_keeps_the_service_in() {
    let unit = settings(&file("packaging/systemd/bartizan.service"));
    for (name, value) in HARDENING {
        assert_eq!(values(&unit, "Service", name), [value], "{name}");
    }
    assert_eq!(
        values(&unit, "Service", "SystemCallFilter"),
        ["@system-service", "~@privileged @resources"],
        "first what is let through, then what is taken from it"
    );
    for opened in ["ReadWritePaths", "BindPaths", "SupplementaryGroups", "DeviceAllow", "ExecStartPre"] {
        assert_eq!(values(&unit, "Service", opened), [""; 0], "{opened} opens what the unit closes");
    }
    let users = file("packaging/systemd/bartizan.sysusers");
    assert!(users.lines().any(|line| line.starts_with("u bartizan ")), "{users}");
}

#[test]
fn systemd_has_nothing_to_say_about_the_unit() {
    let program = PathBuf::from("/usr/bin/systemd-analyze");
    if !program.is_file() {
        println!("skipped: systemd-analyze is not on this machine");
        return;
    }
    let place = Place::new();
    // The program need not be installed for this.
    let unit = file("packaging/systemd/bartizan.service")
        .replace("/usr/bin/bartizan", env!("CARGO_BIN_EXE_bartizan"));
    place.write("bartizan.service", unit);
    let path = place.path("bartizan.service");
    let verified = Command::new(&program).args(["verify", "--man=no"]).arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr);
    // What is wrong with the machine's other units is theirs.
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("bartizan")).collect();
    assert_eq!(ours, [""; 0], "{said}");

    let judged = Command::new(&program)
        .args(["security", "--offline=true", "--no-pager", "--threshold=12"])
        .arg(&path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&judged.stdout);
    let score = said.lines().find(|line| line.contains("Overall exposure level"));
    println!("{}", score.unwrap_or("systemd-analyze names no exposure level"));
    assert!(judged.status.success(), "{said}{}", String::from_utf8_lossy(&judged.stderr));
}

/// An instruction of a Dockerfile and what follows it, with continued lines joined.
fn instructions(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            (name.to_uppercase(), rest.trim().to_owned())
        })
        .collect()
}

/// What is wrong with a Dockerfile, by the rules that this repository holds itself to.
fn faults(text: &str) -> Vec<String> {
    let all = instructions(text);
    let mut faults = Vec::new();
    let mut stages: Vec<String> = Vec::new();
    let last = all.iter().rposition(|(name, _)| name == "FROM").unwrap_or(0);
    for (name, rest) in &all {
        match name.as_str() {
            "FROM" => {
                let words: Vec<&str> =
                    rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
                let image = words.first().copied().unwrap_or_default();
                let tag = image.rsplit('/').next().and_then(|last| last.split_once(':')).map(|(_, tag)| tag);
                if tag.is_none_or(|tag| tag.is_empty() || tag.starts_with("latest")) {
                    faults.push(format!("{image} names no version"));
                }
                match words.get(1..) {
                    Some([as_word, stage]) if as_word.eq_ignore_ascii_case("as") => {
                        stages.push((*stage).to_owned());
                    }
                    _ => faults.push(format!("the stage from {image} has no name")),
                }
            }
            "ADD" => faults.push(format!("ADD {rest}: COPY takes no URL and unpacks nothing")),
            "ENTRYPOINT" | "CMD" | "VOLUME" if serde_json::from_str::<Vec<String>>(rest).is_err() => {
                faults.push(format!("{name} {rest} is run by a shell"));
            }
            _ => {}
        }
    }
    let final_stage = all.get(last..).unwrap_or_default();
    for (_, rest) in final_stage.iter().filter(|(name, _)| name == "COPY") {
        if !rest.contains("--chown=") {
            faults.push(format!("COPY {rest} does not say whose the files are"));
        }
        let from = rest.split_whitespace().find_map(|word| word.strip_prefix("--from="));
        if from.is_none_or(|from| !stages.iter().any(|stage| stage == from)) {
            faults.push(format!("COPY {rest} is not from a stage before"));
        }
    }
    if let Some((_, rest)) = final_stage.iter().find(|(name, _)| name == "RUN") {
        faults.push(format!("RUN {rest}: the last stage has no shell"));
    }
    let user = final_stage.iter().rev().find(|(name, _)| name == "USER").map(|(_, user)| user.as_str());
    let uid = user.and_then(|user| user.split(':').next()).and_then(|uid| uid.parse::<u32>().ok());
    if uid.is_none_or(|uid| uid == 0) {
        faults.push(format!("the user of the last stage is {}", user.unwrap_or("root")));
    }
    faults
}

#[test]
fn the_image_has_no_fault() {
    let text = file("packaging/container/Dockerfile");
    assert_eq!(faults(&text), Vec::<String>::new());
    let all = instructions(&text);
    let rest = |wanted: &str| -> Vec<&str> {
        all.iter().filter(|(name, _)| name == wanted).map(|(_, rest)| rest.as_str()).collect()
    };
    let words = |wanted: &str| -> Vec<String> { serde_json::from_str(rest(wanted)[0]).unwrap() };
    assert_eq!(rest("FROM").len(), 2);
    assert_eq!(rest("USER"), ["65532:65532"]);
    assert_eq!(words("ENTRYPOINT"), ["/usr/bin/bartizan"]);
    let call = words("CMD");
    assert_eq!(taken(&Place::new(), &call.iter().map(String::as_str).collect::<Vec<_>>()), Ok(()));
    assert!(call.contains(&"127.0.0.1:8686".to_owned()), "nobody is let in who was not asked for: {call:?}");
    // With a read-only root everything that is written must lie in a volume.
    let volume = &words("VOLUME")[0];
    assert!(rest("ENV")[0].contains(&format!("BARTIZAN_STATE={volume}/")), "{:?}", rest("ENV"));
}

#[test]
fn a_faulty_image_would_be_noticed() {
    let sound = "FROM a:1 AS b\nRUN make\nFROM c:2 AS d\nCOPY --from=b --chown=1:1 /x /x\nUSER 1\nENTRYPOINT [\"/x\"]\n";
    assert_eq!(faults(sound), Vec::<String>::new());
    for (from, to, fault) in [
        ("a:1", "a", "a names no version"),
        ("c:2", "c:latest", "c:latest names no version"),
        ("c:2", "localhost:5000/c", "localhost:5000/c names no version"),
        (" AS b", "", "the stage from a:1 has no name"),
        ("RUN make", "ADD https://example.com/x /x", "ADD https://example.com/x /x"),
        ("[\"/x\"]", "/x", "ENTRYPOINT /x is run by a shell"),
        (" --chown=1:1", "", "does not say whose the files are"),
        ("--from=b", "--from=other", "is not from a stage before"),
        ("USER 1\n", "", "the user of the last stage is root"),
        ("USER 1\n", "USER 0:0\n", "the user of the last stage is 0:0"),
        ("USER 1\n", "USER root\n", "the user of the last stage is root"),
        ("USER 1\n", "USER 1\nRUN \\\n  id\n", "the last stage has no shell"),
    ] {
        let told = faults(&sound.replacen(from, to, 1));
        assert!(told.iter().any(|told| told.contains(fault)), "{fault}: {told:?}");
    }
}

/// The lines of a manifest by the path of keys that leads to them, such as `spec.template.spec.containers.name: admission`,
/// document by document. It reads the plain block form that manifests are written in, and nothing else of YAML.
fn manifest(text: &str) -> Vec<BTreeSet<String>> {
    let mut documents = Vec::new();
    for document in text.split("\n---\n") {
        let mut keys: Vec<(usize, String)> = Vec::new();
        let mut lines = BTreeSet::new();
        for line in
            document.lines().filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty())
        {
            assert!(
                !line.contains('\t') && !line.contains(": |") && !line.contains(": >"),
                "not understood: {line}"
            );
            let mut indent = line.len() - line.trim_start().len();
            let mut rest = line.trim();
            let path = |keys: &[(usize, String)]| {
                keys.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>().join(".")
            };
            if let Some(item) = rest.strip_prefix("- ") {
                keys.retain(|(at, _)| *at < indent);
                rest = item;
                if !rest.contains(": ") && !rest.ends_with(':') {
                    lines.insert(format!("{}: {rest}", path(&keys)));
                    continue;
                }
                indent += 2;
            }
            keys.retain(|(at, _)| *at < indent);
            let (key, value) = rest.split_once(':').unwrap_or_else(|| panic!("no key: {line}"));
            keys.push((indent, key.to_owned()));
            lines.insert(format!("{}: {}", path(&keys), value.trim().trim_matches('"')));
        }
        documents.push(lines);
    }
    documents
}

/// What the webhook has to say of itself, by the kind of the object that says it.
const WEBHOOK: [(&str, &[&str]); 3] = [
    (
        "ValidatingWebhookConfiguration",
        &[
            "webhooks.failurePolicy: Fail",
            "webhooks.sideEffects: None",
            "webhooks.matchPolicy: Equivalent",
            "webhooks.admissionReviewVersions: [\"v1\"]",
            "webhooks.clientConfig.service.name: bartizan-admission",
            "webhooks.clientConfig.service.namespace: bartizan",
            "webhooks.clientConfig.service.path: /admit",
            "webhooks.rules.resources: [\"pods\", \"pods/ephemeralcontainers\", \"replicationcontrollers\"]",
            "webhooks.rules.resources: [\"deployments\", \"statefulsets\", \"daemonsets\", \"replicasets\"]",
            "webhooks.rules.resources: [\"jobs\", \"cronjobs\"]",
            "webhooks.rules.operations: [\"CREATE\", \"UPDATE\"]",
        ],
    ),
    (
        "Deployment",
        &[
            "spec.template.spec.automountServiceAccountToken: false",
            "spec.template.spec.securityContext.runAsNonRoot: true",
            "spec.template.spec.securityContext.runAsUser: 65532",
            "spec.template.spec.securityContext.seccompProfile.type: RuntimeDefault",
            "spec.template.spec.containers.securityContext.allowPrivilegeEscalation: false",
            "spec.template.spec.containers.securityContext.readOnlyRootFilesystem: true",
            "spec.template.spec.containers.securityContext.capabilities.drop: [\"ALL\"]",
            "spec.template.spec.containers.volumeMounts.readOnly: true",
            "spec.template.spec.containers.readinessProbe.httpGet.path: /healthz",
            "spec.template.spec.containers.readinessProbe.httpGet.scheme: HTTPS",
            "spec.template.spec.containers.env.valueFrom.configMapKeyRef.name: bartizan-root",
            "spec.template.spec.volumes.configMap.name: bartizan-decisions",
        ],
    ),
    ("Service", &["metadata.name: bartizan-admission", "spec.ports.targetPort: https"]),
];

/// What is wrong with the manifest of the webhook.
fn webhook_faults(text: &str) -> Vec<String> {
    let documents = manifest(text);
    let mut faults = Vec::new();
    for (kind, wanted) in WEBHOOK {
        let Some(lines) = documents.iter().find(|lines| lines.contains(&format!("kind: {kind}"))) else {
            faults.push(format!("there is no {kind}"));
            continue;
        };
        faults.extend(
            wanted
                .iter()
                .filter(|line| !lines.contains(**line))
                .map(|line| format!("{kind} does not say {line}")),
        );
    }
    for line in documents.iter().flatten() {
        let image = line.split_once(".image: ").map(|(_, image)| image);
        if let Some(image) = image.filter(|image| !image.contains("@sha256:")) {
            faults.push(format!("{image} is not named by digest, as the webhook asks of everybody"));
        }
        if ["privileged: true", "hostNetwork: true", "hostPID: true", "hostPath:"]
            .iter()
            .any(|open| line.contains(open))
        {
            faults.push(format!("{line} opens what is closed"));
        }
    }
    faults
}

#[test]
fn the_webhook_keeps_itself_to_what_it_asks_of_others() {
    let text = file("packaging/kubernetes/admission.yaml");
    assert_eq!(webhook_faults(&text), Vec::<String>::new());
    // The call of the program is one that it takes, and the root is what the environment brings.
    let args = text.split_once("          args:\n").expect("the container has arguments").1;
    let words: Vec<&str> = args.lines().map_while(|line| line.trim().strip_prefix("- ")).collect();
    let words: Vec<&str> = words.into_iter().chain(["--root", "SHA256:x"]).collect();
    assert!(words.len() > 8, "{words:?}");
    assert_eq!(taken(&Place::new(), &words), Ok(()));
}

#[test]
fn a_faulty_webhook_would_be_noticed() {
    let sound = file("packaging/kubernetes/admission.yaml");
    for (from, to, fault) in [
        ("failurePolicy: Fail", "failurePolicy: Ignore", "failurePolicy: Fail"),
        ("path: /admit", "path: /", "service.path"),
        ("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "readOnlyRootFilesystem"),
        ("bartizan@sha256:", "bartizan:latest #", "is not named by digest"),
        ("\"pods/ephemeralcontainers\", ", "", "ephemeralcontainers"),
        ("kind: Deployment", "kind: DaemonSet", "there is no Deployment"),
        ("allowPrivilegeEscalation: false", "privileged: true", "opens what is closed"),
    ] {
        assert!(sound.contains(from), "{from}");
        let told = webhook_faults(&sound.replacen(from, to, 1));
        assert!(told.iter().any(|told| told.contains(fault)), "{fault}: {told:?}");
    }
}

#[test]
fn the_build_gets_what_it_needs_and_no_more() {
    let ignored = file(".dockerignore");
    let lines: Vec<&str> =
        ignored.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(lines[0], "*", "everything is left out first");
    let let_in: BTreeSet<&str> = lines.iter().filter_map(|line| line.strip_prefix('!')).collect();
    assert_eq!(let_in, ["Cargo.lock", "Cargo.toml", "LICENSE", "crates", "xtask"].into());
    let members = file("Cargo.toml");
    let members = members.lines().find_map(|line| line.strip_prefix("members = [")).unwrap();
    for member in members.split('"').skip(1).step_by(2) {
        let folder = member.split('/').next().unwrap();
        assert!(let_in.contains(folder), "the workspace has {member}, which the build does not get");
    }
}

/// The calls of the program in the guide.
#[test]
fn the_guide_calls_the_program_as_it_is() {
    let guide = file("docs/guides/install.md").replace("\\\n", " ");
    let place = Place::new();
    let mut calls = 0;
    for line in guide.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let line = line.split([('#'), '>', '|']).next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let program = words.iter().rposition(|word| *word == "bartizan");
        let called =
            ["bartizan", "guarded"].contains(&words[0]) || words.starts_with(&["sudo", "-u", "bartizan"]);
        if let Some(at) = program.filter(|_| called) {
            let rest = &words[at + 1..];
            assert_eq!(taken(&place, rest), Ok(()), "{line}");
            calls += 1;
        }
    }
    assert!(calls >= 8, "{calls} calls");
    for name in ["packaging/systemd/bartizan.service", "packaging/container/Dockerfile"] {
        assert!(guide.contains(name), "the guide does not name {name}");
    }
}
