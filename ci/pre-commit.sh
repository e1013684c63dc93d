#!/bin/sh
# Looks at each file that is about to be committed, by itself: a model that would run code, a key in a text, hidden
# characters. A finding of high severity or over ends it with 1.
#
# A file by itself is judged without the project, so nothing is recorded, and neither ignores nor exceptions apply. What
# no reader knows (a picture, say) is passed over here; a check of the project says what was not looked at.
set -euf

program=${BARTIZAN_CI_BINARY:-bartizan}
command -v -- "$program" >/dev/null || {
    printf 'bartizan-files: there is no program %s\n' "$program" >&2
    exit 2
}
# They would make the check of a file one of the project.
unset BARTIZAN_CONFIG BARTIZAN_STATE BARTIZAN_FAIL_ON BARTIZAN_ORGANISATION

worst=0
for file; do
    # The project file stands for the whole project.
    case $file in
    bartizan.toml | */bartizan.toml) continue ;;
    esac
    code=0
    said=$("$program" check --no-progress --fail-on=high -- "$file" 2>&1) || code=$?
    case $code in
    # Nothing of high severity, nothing to check, or something that no reader knows.
    0 | 3 | 4) ;;
    *)
        # How controls stand is for the check of the project.
        printf '%s\n' "$said" | sed '/^[0-9][0-9]* controls*:/,$d'
        worst=1
        ;;
    esac
done
exit "$worst"
