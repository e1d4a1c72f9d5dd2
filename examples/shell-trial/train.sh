#!/bin/sh
# One trial, for a shell and awk: parameters are variables, figures are lines, `stop` is a file.
set -eu

x=4 y=3 vx=0 vy=0 step=0
while [ "$step" -lt "$KUBEFLOW_TRAINER_OPT_STEPS" ]; do
  set -- $(awk -v x="$x" -v y="$y" -v vx="$vx" -v vy="$vy" \
    -v rate="$KUBEFLOW_TRAINER_OPT_RATE" -v momentum="$KUBEFLOW_TRAINER_OPT_MOMENTUM" 'BEGIN {
      vx = momentum * vx - rate * 2 * x
      vy = momentum * vy - rate * 20 * y
      x += vx; y += vy
      printf "%.9g %.9g %.9g %.9g %.9g", x, y, vx, vy, x * x + 10 * y * y
    }')
  x=$1 y=$2 vx=$3 vy=$4 loss=$5
  printf '{"step": %d, "metrics": {"loss": %s}}\n' "$step" "$loss" >> "$OFC_CONTRACT_DIR/metrics.jsonl"
  [ ! -e "$OFC_CONTRACT_DIR/stop" ] || break
  step=$((step + 1))
done
echo "loss $loss after $step steps"
printf '{"loss": %s}\n' "$loss" > "$OFC_CONTRACT_DIR/result.json"
