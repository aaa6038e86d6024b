"""Templates compiled once a language: what a page says whatever it is about is looked up then, and not each time."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer

from harvester.records import Language


class OneLanguage(Environment):
    """An environment whose templates speak one language: ``_("…")`` and addresses of fixed words are text in them."""

    def __init__(self, language: Language, known: Mapping[str, Callable[..., str]], **options: Any) -> None:
        """Make it as Jinja does; ``known`` are the functions whose answer to fixed parts is always the same."""
        super().__init__(**options)
        self.language = language
        self.known = known

    def compile(
        self, source: Any, name: Any = None, filename: Any = None, raw: Any = False, defer_init: Any = False
    ) -> Any:
        """Compile as Jinja does, after the words have been put in. Raises TemplateSyntaxError as Jinja does."""
        tree = self.parse(source, name, filename) if isinstance(source, str) else source
        return super().compile(_Words(self).visit(tree), name, filename, raw, defer_init)


class _Words(NodeTransformer):
    """Puts the words of one language into a template's tree."""

    def __init__(self, environment: OneLanguage) -> None:
        self.environment = environment

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802 - the name by which Jinja calls it
        """The page's language is known."""
        if node.name == "lang" and node.ctx == "load":
            return nodes.Const(self.environment.language, lineno=node.lineno)
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the name by which Jinja calls it
        """A message without values, and an address of fixed parts, is text."""
        self.generic_visit(node)
        called = node.node.name if isinstance(node.node, nodes.Name) else ""
        say = self.environment.known.get(called)
        if say is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            return node
        given = [each.value for each in node.args if isinstance(each, nodes.Const)]
        if len(given) < len(node.args):
            return node
        return nodes.Const(say(*given), lineno=node.lineno)
