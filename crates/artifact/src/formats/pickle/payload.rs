//! Texts that are not data but orders: for a shell, for Python, or addresses to fetch from.

/// What marks such a text, in lower case, and what it is then.
const MARKS: &[(&str, &str)] = &[
    ("__import__", PYTHON),
    ("__builtins__", PYTHON),
    ("__subclasses__", PYTHON),
    ("__globals__", PYTHON),
    ("import os", PYTHON),
    ("import sys", PYTHON),
    ("import subprocess", PYTHON),
    ("import socket", PYTHON),
    ("import pty", PYTHON),
    ("import base64", PYTHON),
    ("import requests", PYTHON),
    ("import urllib", PYTHON),
    ("import ctypes", PYTHON),
    ("import importlib", PYTHON),
    ("import pickle", PYTHON),
    ("from os import", PYTHON),
    ("from subprocess import", PYTHON),
    ("importlib.import_module", PYTHON),
    ("exec(", PYTHON),
    ("eval(", PYTHON),
    ("execfile(", PYTHON),
    ("compile(", PYTHON),
    ("os.system", PYTHON),
    ("os.popen", PYTHON),
    ("os.exec", PYTHON),
    ("os.spawn", PYTHON),
    ("posix.system", PYTHON),
    ("subprocess.", PYTHON),
    ("socket.socket", PYTHON),
    ("pty.spawn", PYTHON),
    ("ctypes.cdll", PYTHON),
    ("pickle.loads", PYTHON),
    ("marshal.loads", PYTHON),
    ("b64decode(", PYTHON),
    ("getattr(", PYTHON),
    ("setattr(", PYTHON),
    ("open('", PYTHON),
    ("open(\"", PYTHON),
    ("urlopen(", PYTHON),
    ("requests.get", PYTHON),
    ("requests.post", PYTHON),
    ("/bin/sh", SHELL),
    ("/bin/bash", SHELL),
    ("/dev/tcp/", SHELL),
    ("/etc/passwd", SHELL),
    ("bash -", SHELL),
    ("sh -c", SHELL),
    ("sh -i", SHELL),
    ("| sh", SHELL),
    ("|sh", SHELL),
    ("| bash", SHELL),
    ("|bash", SHELL),
    ("curl ", SHELL),
    ("wget ", SHELL),
    ("nc -e", SHELL),
    ("ncat ", SHELL),
    ("mkfifo ", SHELL),
    ("chmod +x", SHELL),
    ("chmod 7", SHELL),
    ("rm -rf", SHELL),
    ("python -c", SHELL),
    ("python3 -c", SHELL),
    ("perl -e", SHELL),
    ("powershell", SHELL),
    ("cmd.exe", SHELL),
    ("cmd /c", SHELL),
    ("certutil", SHELL),
    ("regsvr32", SHELL),
    ("http://", ADDRESS),
    ("https://", ADDRESS),
    ("ftp://", ADDRESS),
    ("ldap://", ADDRESS),
    ("file://", ADDRESS),
];

const PYTHON: &str = "Python code";
const SHELL: &str = "a shell command";
const ADDRESS: &str = "an address";

/// What a text is, where it is an order.
pub(crate) fn speaks(text: &[u8]) -> Option<&'static str> {
    MARKS.iter().find(|(mark, _)| contains(text, mark.as_bytes())).map(|(_, what)| *what)
}

/// The same of a text in which addresses are no orders.
pub(crate) fn commands(text: &[u8]) -> Option<&'static str> {
    MARKS
        .iter()
        .filter(|(_, what)| *what != ADDRESS)
        .find(|(mark, _)| contains(text, mark.as_bytes()))
        .map(|(_, what)| *what)
}

/// Whether a text holds a word in lower case, however it is written there.
fn contains(text: &[u8], word: &[u8]) -> bool {
    let Some((first, rest)) = word.split_first() else { return true };
    let mut left = text;
    while let Some(at) = left.iter().position(|byte| byte.to_ascii_lowercase() == *first) {
        left = left.get(at + 1..).unwrap_or_default();
        if left.get(..rest.len()).is_some_and(|start| start.eq_ignore_ascii_case(rest)) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_told_from_data() {
        for (text, want) in [
            ("import os; os.system('true')", Some(PYTHON)),
            ("EXEC('pass')", Some(PYTHON)),
            ("curl https://example.invalid/a | sh", Some(SHELL)),
            ("https://example.invalid/model.bin", Some(ADDRESS)),
            ("(?u)\\b\\w\\w+\\b", None),
            ("important words", None),
            ("elasticnet", None),
            ("", None),
        ] {
            assert_eq!(speaks(text.as_bytes()), want, "{text}");
        }
    }

    #[test]
    fn marks_are_written_as_they_are_compared() {
        for (mark, _) in MARKS {
            assert!(mark.len() >= 3 && *mark == mark.to_ascii_lowercase(), "{mark}");
        }
    }
}
