# shellcheck shell=sh
# What signalbox.yaml says of a service whose traffic ./deploy.sh moves and ./smoke.sh checks, indented as a key of `train:`.
deployer_hooks() { # TIME LIMIT OF A HOOK
  cat <<YAML
  hooks:
    set_weight: [sh, -c, './deploy.sh set "\$SIGNALBOX_WEIGHT"']
    observe: [./deploy.sh, observe]
    promote: [./deploy.sh, set, "100"]
    revert: [./deploy.sh, set, "0"]
    smoke: [[./smoke.sh]]
    timeout: $1
YAML
}
