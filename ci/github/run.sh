#!/usr/bin/env bash
# Runs one command of ofc for a workflow: findings become annotations, and the result a summary.
# In: OFC_COMMAND, OFC_FILES and OFC_ARGS (one a line). Out: $GITHUB_OUTPUT, $GITHUB_STEP_SUMMARY.
# shellcheck disable=SC2016 # backquotes in messages are Markdown
set -euo pipefail

temp="$RUNNER_TEMP/ofc"
mkdir -p "$temp"
ofc="${OFC_BIN:-$temp/venv/bin/ofc}"
code=0

# The lines of $1 without blanks around them, as the array `lines`.
read_lines() {
  lines=()
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    if [ -n "$line" ]; then lines+=("$line"); fi
  done <<<"$1"
}

# Files that the lines of $OFC_FILES name, patterns filled in, as the array `files`.
read_files() {
  shopt -s globstar nullglob
  files=()
  read_lines "${OFC_FILES:-}"
  local line match
  local -a matches
  for line in "${lines[@]+"${lines[@]}"}"; do
    if [ -e "$line" ]; then
      files+=("$line")
      continue
    fi
    # Only patterns of paths are filled in; with an empty IFS nothing is split into words.
    local IFS=
    # shellcheck disable=SC2206
    matches=($line)
    if [ "${#matches[@]}" = 0 ] || [ "${matches[0]}" = "$line" ]; then
      files+=("$line") # ofc says that it is not there
    else
      for match in "${matches[@]}"; do files+=("$match"); done
    fi
  done
}

# Shows a file in the log, where no line of it can be a command to the runner.
show() {
  local token
  token="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
  printf '::stop-commands::%s\n' "$token"
  cat -- "$1"
  printf '\n::%s::\n' "$token"
}

summary() { printf '%s\n' "$@" >>"$GITHUB_STEP_SUMMARY"; }

# A text that may hold anything, as a block of the summary: no line of it can end an indented one.
summary_block() {
  head -c 60000 -- "$1" | sed 's/^/    /' >>"$GITHUB_STEP_SUMMARY"
  summary ''
}

output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

annotate() {
  "$ofc" "$OFC_COMMAND" -o github "${args[@]+"${args[@]}"}" -- "${files[@]+"${files[@]}"}" || code=$?
  "$ofc" "$OFC_COMMAND" --color never "${args[@]+"${args[@]}"}" -- "${files[@]+"${files[@]}"}" \
    >"$temp/log" 2>&1 || true
  show "$temp/log"
  if [ "$code" = 0 ]; then
    summary "### ofc $OFC_COMMAND: no errors" ''
  else
    summary "### ofc $OFC_COMMAND: refused" ''
  fi
  summary_block "$temp/log"
}

format() {
  "$ofc" fmt --check --diff --color never "${args[@]+"${args[@]}"}" -- "${files[@]+"${files[@]}"}" \
    >"$temp/log" 2>&1 || code=$?
  show "$temp/log"
  if [ "$code" = 2 ]; then
    output changed true
    summary '### ofc fmt: not in house form' '' 'Run `ofc fmt` and commit what it does.' ''
    summary_block "$temp/log"
    echo '::error title=ofc fmt::specs are not in house form: run `ofc fmt`'
    code=1
  else
    output changed false
  fi
}

compile() {
  "$ofc" compile --color never "${args[@]+"${args[@]}"}" -- "${files[@]+"${files[@]}"}" \
    >"$temp/log" 2>&1 || code=$?
  show "$temp/log"
  if [ -n "$(git status --porcelain . 2>/dev/null)" ]; then output changed true; else output changed false; fi
  if [ "$code" != 0 ]; then
    summary '### ofc compile: refused' ''
    summary_block "$temp/log"
    echo '::error title=ofc compile::the specs do not compile, or their output is not as the lock says'
  fi
}

plan() {
  local -a saved=(--out "$temp/plan.ofc")
  local arg
  for arg in "${args[@]+"${args[@]}"}"; do
    case "$arg" in --against | --against=*) saved=() ;; esac
  done
  rm -f "$temp/plan.ofc" "$temp/plan.md"
  "$ofc" plan -o json "${args[@]+"${args[@]}"}" -- "${files[@]+"${files[@]}"}" >"$temp/plan.json" 2>"$temp/log" ||
    code=$?
  case "$code" in
    0 | 1 | 2)
      code=0
      "$ofc" plan -o markdown "${saved[@]+"${saved[@]}"}" "${args[@]+"${args[@]}"}" -- \
        "${files[@]+"${files[@]}"}" >"$temp/plan.md" 2>"$temp/log" || code=$?
      ;;
    *) # the JSON has the errors of a spec that is refused: here they are for people
      "$ofc" check -o github -- "${files[@]+"${files[@]}"}" || true
      "$ofc" check --color never -- "${files[@]+"${files[@]}"}" >"$temp/log" 2>&1 || true
      ;;
  esac
  show "$temp/log"
  output plan-json "$temp/plan.json"
  if [ "$code" = 2 ]; then output changed true; else output changed false; fi
  if [ -s "$temp/plan.md" ]; then cat -- "$temp/plan.md" >>"$GITHUB_STEP_SUMMARY"; else rm -f "$temp/plan.md"; fi
  case "$code" in
    0 | 2)
      code=0
      if [ -e "$temp/plan.ofc" ]; then output plan "$temp/plan.ofc"; fi
      ;;
    *)
      summary '### ofc plan: stopped' ''
      summary_block "$temp/log"
      echo '::error title=ofc plan::an apply would stop; the log says why'
      ;;
  esac
}

apply() {
  "$ofc" apply --yes --color never "${args[@]+"${args[@]}"}" -- "${files[@]+"${files[@]}"}" \
    >"$temp/log" 2>&1 || code=$?
  show "$temp/log"
  if [ "$code" = 0 ]; then
    summary '### ofc apply: done' ''
  else
    summary '### ofc apply: stopped' '' 'It is safe to run again: it goes on from what is there.' ''
    echo '::error title=ofc apply::it stopped; the log says why, and it can be run again'
  fi
  summary_block "$temp/log"
}

read_lines "${OFC_ARGS:-}"
args=("${lines[@]+"${lines[@]}"}")
read_files
case "$OFC_COMMAND" in
  check | lint) annotate ;;
  fmt) format ;;
  compile) compile ;;
  plan) plan ;;
  apply) apply ;;
  *)
    echo '::error title=ofc::the input `command` is one of check, lint, fmt, compile, plan, apply'
    exit 64
    ;;
esac
exit "$code"
