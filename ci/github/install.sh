#!/usr/bin/env bash
# Installs ofc into a folder of the job, from the action's own revision or as a release.
# shellcheck disable=SC2016 # backquotes in messages are Markdown
set -euo pipefail

venv="$RUNNER_TEMP/ofc/venv"
case "$OFC_COMMAND" in
  plan | apply) extra='[kubernetes]' needs=kubernetes ;;
  *) extra='' needs=omniforce.spec ;;
esac
if [ -z "${OFC_VERSION:-}" ] && [ -x "$venv/bin/ofc" ] && "$venv/bin/python" -c "import $needs" 2>/dev/null; then
  exit 0 # an earlier step of the job did
fi
if ! "$OFC_PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo '::error title=ofc::Python 3.11 or newer is needed: name one with the input `python`'
  exit 1
fi
"$OFC_PYTHON" -m venv "$venv"
if [ -n "${OFC_VERSION:-}" ]; then
  if [[ ! "$OFC_VERSION" =~ ^[0-9][0-9A-Za-z.]*$ ]]; then
    echo '::error title=ofc::the input `version` is no version: write it as in `0.1.0`'
    exit 1
  fi
  package=("omniforce$extra==$OFC_VERSION")
else
  # The versions that this revision was tested with.
  package=(--constraint "$GITHUB_ACTION_PATH/requirements.lock" "$GITHUB_ACTION_PATH$extra")
fi
"$venv/bin/python" -m pip install --disable-pip-version-check --quiet "${package[@]}"
"$venv/bin/ofc" version
