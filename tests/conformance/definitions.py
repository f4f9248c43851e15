"""Flows that both the SDK and the command run."""


def question_flow(identity: str) -> dict:
    """Asks one identity a question with two options, and waits for the answer."""
    return {
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "CreateWebInput",
                "Parameters": {
                    "InputType": "Selection",
                    "RespondentUrns": [f"urn:globus:auth:identity:{identity}"],
                    "Context": {"PresentationStyle": "Text", "Title": "Well?", "Text": "Say."},
                    "Options": [{"Value": 1, "Label": "One"}, {"Value": 2, "Label": "Two"}],
                },
                "ResultPath": "$.asked",
                "Next": "Wait",
            },
            "Wait": {
                "Type": "AwaitWebInput",
                "Parameters": {"web_input_id.$": "$.asked.web_input_id"},
                "ResultPath": "$.answer",
                "End": True,
            },
        },
    }
