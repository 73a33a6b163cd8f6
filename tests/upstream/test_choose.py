"""Names of models, told apart as well as names allow."""

import pytest

from debate_server.upstream.choose import chat_models, context, preferred


@pytest.mark.parametrize(
    "name",
    ["gpt-4o-mini", "gpt-5", "o3-mini", "llama3.2:1b", "qwen3:4b", "mistral-small-latest", "gemma3:4b", "phi4",
     "deepseek-r1:8b", "meta-llama/Llama-3.3-70B-Instruct", "claude-sonnet-4", "openai/gpt-oss-20b",
     "HuggingFaceTB/SmolLM2-1.7B-Instruct", "gpt-4.1-2025-04-14", "moonshotai/kimi-k2", "qwen2.5vl:7b"],
)  # fmt: skip
def test_a_chat_model_is_one(name: str) -> None:
    assert chat_models([name]) == [name]


@pytest.mark.parametrize(
    "name",
    ["text-embedding-3-small", "nomic-embed-text:latest", "mxbai-embed-large", "all-minilm", "bge-m3", "whisper-1",
     "whisper-large-v3-turbo", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-transcribe", "dall-e-3", "gpt-image-1", "sora-2",
     "omni-moderation-latest", "gpt-4o-realtime-preview", "gpt-4o-audio-preview", "gpt-4o-search-preview",
     "jina-reranker-v2", "meta-llama/llama-guard-4-12b", "davinci-002", "babbage-002", "gpt-3.5-turbo-instruct",
     "o1-pro", "gpt-5-pro", "gpt-5-codex", "o4-mini-deep-research", "computer-use-preview", "stable-diffusion-xl",
     "intfloat/e5-large", "snowflake-arctic-embed2"],
)  # fmt: skip
def test_what_cannot_hold_a_debate_is_left_out(name: str) -> None:
    assert chat_models([name]) == []


@pytest.mark.parametrize(
    ("names", "name"),
    [
        (["gpt-4o", "gpt-5", "gpt-4.1-mini", "gpt-4o-mini"], "gpt-4.1-mini"),
        (["gpt-6", "gpt-6-mini"], "gpt-6-mini"),
        (["acme/huge", "openai/gpt-4o-mini"], "openai/gpt-4o-mini"),
        (["whisper-large-v3", "llama-3.1-8b-instant", "llama-3.3-70b-versatile"], "llama-3.3-70b-versatile"),
        (["nomic-embed-text", "qwen3:4b", "llama3.2"], "qwen3:4b"),
        (["whisper-1"], None),
        ([], None),
    ],
)
def test_the_default_is_small_and_current_else_the_first(names: list[str], name: str | None) -> None:
    assert preferred(names) == name


def test_ollama_cuts_prompts_at_its_default_context() -> None:
    assert context({"id": "qwen3:4b"}, "http://127.0.0.1:11434/v1") == 4096
