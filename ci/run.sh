#!/bin/sh
# What the templates for CI servers have in common: find the program, check a project, hand on what came of it.
#
#   sh run.sh install     find the program, or download it where an address and a checksum are given; prints its path
#   sh run.sh check       check, write every report, and end with the exit code of the check
#   sh run.sh github      the same for a GitHub runner, which ends with 0 and tells the exit code as an output
#   sh run.sh comment     put the report on the pull request, in one comment that is replaced
#   sh run.sh baseline    fetch the last report of the default branch
#   sh run.sh decide      take a bundle into the log and ask gates, where the log is
#   sh run.sh verify      let a deployment go on only where a gate allowed these very bytes
#   sh run.sh forget      remove what a run that was killed may have left
#
# All settings come as variables of the environment and none is ever read as code. An empty one is as good as none.
#
#   BARTIZAN_CI_BINARY        the program [default: bartizan on PATH]
#   BARTIZAN_CI_URL           where to download it from, by https; {version} in it stands for the version
#   BARTIZAN_CI_SHA256        the SHA-256 that it must have; nothing is downloaded without it
#   BARTIZAN_CI_VERSION       the version that it must say it is
#   BARTIZAN_CI_PATH          what to check [default: .]
#   BARTIZAN_CI_CONFIG        the project file [default: the one that is found]
#   BARTIZAN_CI_FAIL_ON       from which severity on a finding makes the run fail [default: high]
#   BARTIZAN_CI_GATES         gates that must allow, between spaces, commas or line ends; without a log each denies
#   BARTIZAN_CI_ORGANISATION  a folder of gate rules that no project can override
#   BARTIZAN_CI_BASELINE      an earlier report in JSON; where the file is not there, every finding counts as new
#   BARTIZAN_CI_COLLECTOR     the name that the project's log knows this runner by
#   BARTIZAN_CI_KEY           the text of its private key, or
#   BARTIZAN_CI_KEY_FILE      a file with it, which only its owner can read; with a key a bundle is written
#   BARTIZAN_CI_OUT           the folder for what is written [default: bartizan-report]
#   BARTIZAN_CI_BUNDLE        for `decide`: the bundle [default: that in BARTIZAN_CI_OUT]
#   BARTIZAN_CI_DECISION      for `verify`: the decision,
#   BARTIZAN_CI_ROOT          the root key that it must rest on, and
#   BARTIZAN_CI_SUBJECT       what is about to be deployed
# No word that comes from outside is taken for a pattern of file names.
set -euf

newline='
'
temporary=${RUNNER_TEMP:-${TMPDIR:-/tmp}}
out=${BARTIZAN_CI_OUT:-bartizan-report}
out=${out%/}
program=
secret=

main() {
    trap forget_key EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    case $out in
    *"$newline"*) stop "the name of the folder in BARTIZAN_CI_OUT has a line end" ;;
    -*) out=./$out ;;
    esac
    case ${1-} in
    install) install ;;
    check) check ;;
    github) github ;;
    comment) comment ;;
    baseline) baseline ;;
    decide) decide ;;
    verify) verify ;;
    forget)
        set +f
        rm -rf -- "$temporary"/bartizan-key.*
        ;;
    *) stop "say one of install, check, github, comment, baseline, decide, verify, forget" ;;
    esac
}

# Everything that is told, and not a result.
say() {
    printf 'bartizan-ci: %s\n' "$1" >&2
}

# Wrong usage has the same exit code as in the program itself.
stop() {
    say "$1"
    exit 2
}

install() {
    if [ -n "${BARTIZAN_CI_URL:-}" ]; then
        download
    else
        find_program
    fi
    if [ -n "${BARTIZAN_CI_VERSION:-}" ]; then
        is=$("$program" --version) || stop "$program does not start"
        [ "$is" = "bartizan $BARTIZAN_CI_VERSION" ] || stop "$program is $is, not $BARTIZAN_CI_VERSION"
    fi
    printf '%s\n' "$program"
    output binary "$program"
}

find_program() {
    wanted=${BARTIZAN_CI_BINARY:-bartizan}
    program=$(command -v -- "$wanted") || stop "there is no program $wanted"
    [ -x "$program" ] || stop "there is no program $wanted"
}

# The checksum is compared before the program is run for the first time.
download() {
    case ${BARTIZAN_CI_SHA256:-} in
    '' | *[!0-9a-fA-F]*) stop "BARTIZAN_CI_SHA256 is no SHA-256; nothing is downloaded without one" ;;
    esac
    [ "${#BARTIZAN_CI_SHA256}" -eq 64 ] || stop "BARTIZAN_CI_SHA256 is no SHA-256; nothing is downloaded without one"
    url=$BARTIZAN_CI_URL
    case $url in
    *'{version}'*)
        [ -n "${BARTIZAN_CI_VERSION:-}" ] || stop "the address asks for a version, and BARTIZAN_CI_VERSION has none"
        while :; do
            case $url in
            *'{version}'*) url=${url%%'{version}'*}$BARTIZAN_CI_VERSION${url#*'{version}'} ;;
            *) break ;;
            esac
        done
        ;;
    esac
    case $url in
    https://*) ;;
    *) stop "the address does not begin with https://" ;;
    esac
    folder=$(mktemp -d "$temporary/bartizan-bin.XXXXXX")
    curl --proto '=https' --tlsv1.2 --fail --location --silent --show-error --output "$folder/download" -- "$url" ||
        stop "the program cannot be downloaded"
    is=$(sha256 "$folder/download")
    wanted=$(printf '%s' "$BARTIZAN_CI_SHA256" | tr 'A-F' 'a-f')
    if [ "$is" != "$wanted" ]; then
        rm -rf -- "$folder"
        say "what was downloaded has the SHA-256 $is, not $wanted"
        exit 5
    fi
    mv -- "$folder/download" "$folder/bartizan"
    chmod 700 "$folder/bartizan"
    program=$folder/bartizan
}

sha256() {
    if command -v sha256sum >/dev/null; then
        sha256sum <"$1" | cut -d ' ' -f 1
    else
        shasum -a 256 <"$1" | cut -d ' ' -f 1
    fi
}

check() {
    find_program
    prepare_out
    set -- --format=text --format=json="$out/report.json" --format=sarif="$out/report.sarif" \
        --format=markdown="$out/report.md" --format=junit="$out/report.xml" --format=html="$out/report.html" \
        --fail-on="${BARTIZAN_CI_FAIL_ON:-high}" --no-progress
    [ -z "${BARTIZAN_CI_CONFIG:-}" ] || set -- "$@" --config="$BARTIZAN_CI_CONFIG"
    [ -z "${BARTIZAN_CI_ORGANISATION:-}" ] || set -- "$@" --organisation="$BARTIZAN_CI_ORGANISATION"
    if [ -n "${BARTIZAN_CI_BASELINE:-}" ]; then
        if [ -f "$BARTIZAN_CI_BASELINE" ]; then
            set -- "$@" --baseline="$BARTIZAN_CI_BASELINE"
        else
            say "there is no baseline yet, so every finding counts as new"
        fi
    fi
    names=$(gates)
    for name in $names; do
        set -- "$@" --gate="$name"
    done
    take_key
    if [ -n "$key" ]; then
        [ -n "${BARTIZAN_CI_COLLECTOR:-}" ] || stop "a key needs a collector: set BARTIZAN_CI_COLLECTOR"
        set -- "$@" --bundle="$out/bundle.intoto.jsonl" --collector="$BARTIZAN_CI_COLLECTOR" --key="$key"
    else
        say "there is no key here, so no bundle is written"
    fi
    code=0
    shielded "$program" check "$@" -- "${BARTIZAN_CI_PATH:-.}" || code=$?
    forget_key
    return "$code"
}

# The folder for reports, without those of an earlier run, which are not to be taken for those of this one. The check
# passes over a new folder that lies in the project, because Git is told to ignore it.
prepare_out() {
    # Whoever proposes a change could have it lead anywhere.
    [ ! -L "$out" ] || stop "$out is a link"
    if [ ! -d "$out" ]; then
        mkdir -p -- "$out"
        printf '*\n' >"$out/.gitignore"
    fi
    for name in report.json report.sarif report.md report.xml report.html alerts.sarif bundle.intoto.jsonl; do
        rm -f -- "$out/$name"
    done
}

# The names of the gates, which become names of files too.
gates() {
    names=$(printf '%s' "${BARTIZAN_CI_GATES:-}" | tr ',' ' ')
    for name in $names; do
        case $name in
        [!a-z0-9]* | *[!a-z0-9._-]*) stop "a gate has a name that is none: a-z, 0-9, \`-\`, \`_\` and \`.\`" ;;
        esac
    done
    printf '%s' "$names"
}

# The key lies in a file for as long as this script runs, and in no environment that the program or others see.
take_key() {
    key=${BARTIZAN_CI_KEY_FILE:-}
    if [ -n "${BARTIZAN_CI_KEY:-}" ]; then
        secret=$(mktemp -d "$temporary/bartizan-key.XXXXXX")
        key=$secret/key
        (
            umask 077
            # Forms in which secrets are pasted add line ends, or take the last one away.
            text=$(printf '%s' "$BARTIZAN_CI_KEY" | tr -d '\r')
            printf '%s\n' "$text" >"$key"
        )
    fi
    unset BARTIZAN_CI_KEY
}

forget_key() {
    if [ -n "$secret" ]; then
        rm -rf -- "$secret"
        secret=
    fi
}

# A GitHub runner obeys lines that begin with `::`, also where a file name put them there. Between two lines with a word
# that nobody can know it does not.
shielded() {
    [ -n "${GITHUB_ACTIONS:-}" ] || {
        "$@"
        return
    }
    word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    [ "${#word}" -eq 32 ] || stop "/dev/urandom gives no randomness"
    ended=0
    printf '::stop-commands::%s\n' "$word"
    "$@" 2>&1 || ended=$?
    printf '\n::%s::\n' "$word"
    return "$ended"
}

github() {
    command -v jq >/dev/null || stop "jq is needed on a GitHub runner"
    # A process of its own: within `check || …` the shell would pass over faults in the middle of it.
    code=0
    sh -- "$0" check || code=$?
    unset BARTIZAN_CI_KEY
    output exit-code "$code"
    output folder "$out"
    [ ! -f "$out/bundle.intoto.jsonl" ] || output bundle "$out/bundle.intoto.jsonl"
    if [ -f "$out/report.json" ]; then
        output report "$out/report.json"
        for severity in critical high medium low; do
            output "$severity" "$(count "$severity")"
        done
        output suppressed "$(jq '.suppressed' "$out/report.json")"
    fi
    if [ -f "$out/report.sarif" ]; then
        alerts
        output sarif "$out/report.sarif"
        output alerts "$out/alerts.sarif"
    fi
    if [ "${BARTIZAN_CI_SUMMARY:-true}" = true ] && [ -f "$out/report.md" ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
        cat -- "$out/report.md" >>"$GITHUB_STEP_SUMMARY"
    fi
}

# Findings of a severity that nothing suppresses.
count() {
    jq --arg severity "$1" '[.findings[] | select(.severity == $severity and .suppressed == null)] | length' \
        "$out/report.json"
}

# GitHub shows a result as an open alert although it has `suppressions`: what two people agreed to live with would stay
# open for ever. So the file that is uploaded leaves such results out, and GitHub closes their alerts; the whole SARIF
# stays beside it.
alerts() {
    jq '.runs |= map(if .results then .results |= map(select((.suppressions // []) == [])) else . end)' \
        "$out/report.sarif" >"$out/alerts.sarif"
}

# For the steps that follow. A value of several lines would be several outputs.
output() {
    case $2 in
    *"$newline"*) stop "the value of $1 has a line end" ;;
    esac
    if [ -n "${GITHUB_OUTPUT:-}" ]; then
        printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
    fi
}

# The comment is found by the hidden mark in its first line, and only among those of bots: anybody can write a comment
# that begins with the mark. That it cannot be written changes nothing about the check.
comment() {
    number=${BARTIZAN_CI_PULL_REQUEST:-}
    case $number in
    '' | *[!0-9]*) stop "BARTIZAN_CI_PULL_REQUEST is no number" ;;
    esac
    [ -f "$out/report.md" ] || stop "there is no report in $out"
    comments=repos/$GITHUB_REPOSITORY/issues/$number/comments
    mark=$(head -n 1 -- "$out/report.md")
    all=$(gh api --paginate "$comments?per_page=100") || {
        say "the comments cannot be read, so none is written"
        return 0
    }
    old=$(printf '%s' "$all" | jq -rs --arg mark "$mark" \
        '[.[][] | select(.user.type == "Bot" and (.body | startswith($mark))) | .id][0] // empty')
    if [ -n "$old" ]; then
        set -- --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$old"
    else
        set -- --method POST "$comments"
    fi
    gh api "$@" --field "body=@$out/report.md" >/dev/null || say "the comment cannot be written"
}

# Only runs that a push started are asked: the branch of somebody else's fork may bear the same name.
baseline() {
    folder=$temporary/bartizan-baseline
    rm -rf -- "$folder"
    runs=$(gh run list --repo "$GITHUB_REPOSITORY" --workflow "$GITHUB_WORKFLOW" --branch "$BARTIZAN_CI_BRANCH" \
        --event push --status completed --limit 20 --json databaseId --jq '.[].databaseId') || runs=
    for run in $runs; do
        if gh run download "$run" --repo "$GITHUB_REPOSITORY" --name "${BARTIZAN_CI_ARTIFACT:-bartizan}-report" \
            --dir "$folder" 2>/dev/null && [ -f "$folder/report.json" ]; then
            output baseline "$folder/report.json"
            return 0
        fi
        rm -rf -- "$folder"
    done
    say "no run of $BARTIZAN_CI_BRANCH has left a report"
}

# The decision of each gate goes to NAME.decision. Nothing is asked where the bundle is refused.
decide() {
    find_program
    names=$(gates)
    mkdir -p -- "$out"
    output folder "$out"
    set --
    [ -z "${BARTIZAN_CI_CONFIG:-}" ] || set -- --config="$BARTIZAN_CI_CONFIG"
    bundle=${BARTIZAN_CI_BUNDLE:-$out/bundle.intoto.jsonl}
    code=0
    shielded "$program" ledger import "$@" -- "$bundle" || code=$?
    [ "$code" -eq 0 ] || return "$code"
    [ -z "${BARTIZAN_CI_ORGANISATION:-}" ] || set -- "$@" --organisation="$BARTIZAN_CI_ORGANISATION"
    for name in $names; do
        rm -f -- "$out/$name.decision"
        ended=0
        shielded "$program" gate "$@" --export="$out/$name.decision" -- "$name" || ended=$?
        # That one gate denies is said only where nothing worse is.
        if [ "$ended" -gt 1 ] || [ "$code" -eq 0 ]; then
            code=$ended
        fi
    done
    return "$code"
}

verify() {
    find_program
    gate=$(gates)
    set -- --root="${BARTIZAN_CI_ROOT:-}" --subject="${BARTIZAN_CI_SUBJECT:-}" --gate="${gate:-deploy}"
    [ -z "${BARTIZAN_CI_ORGANISATION:-}" ] || set -- "$@" --organisation="$BARTIZAN_CI_ORGANISATION"
    shielded "$program" gate verify "$@" -- "${BARTIZAN_CI_DECISION:-}"
}

main "$@"
