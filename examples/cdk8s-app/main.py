"""A cdk8s app that takes a study as it is compiled, and changes one thing about it.

pip install 'omniforce[cdk8s]'   # and node on the path
python main.py                   # writes dist/digits.k8s.yaml
"""

from pathlib import Path

from cdk8s import App, Chart, JsonPatch

from omniforce.targets.platforms.cdk8s import Study

SPEC = Path(__file__).parent.parent / "digits-edge" / "omniforce.yaml"

app = App()
chart = Chart(app, "digits")
study = Study(chart, "digits", spec=SPEC, params={"trials": 12})

# This team keeps one server awake, and patches it here rather than in the shared spec.
study.object("InferenceService").add_json_patch(JsonPatch.replace("/spec/predictor/minReplicas", 1))

app.synth()
