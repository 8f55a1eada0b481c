#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/template/body.hpp"

namespace signalbox::templates {
namespace {

constexpr std::size_t kMaxOperands = 16;  // of a call
constexpr std::size_t kMaxCalls = 16;     // of a pipeline

struct Function {
  std::string_view name;
  Arity arity;
};
constexpr std::array<Function, 9> kFunctions = {{{"and", {1, kMaxOperands}},
                                                 {"eq", {2, kMaxOperands}},
                                                 {"len", {1, 1}},
                                                 {"lower", {1, 1}},
                                                 {"ne", {2, 2}},
                                                 {"not", {1, 1}},
                                                 {"or", {1, kMaxOperands}},
                                                 {"trim", {1, 1}},
                                                 {"upper", {1, 1}}}};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// What stands between {{ and }}.
struct Action {
  std::string_view words;
  std::size_t at = 0;  // offset of the words
};

class Parser {
 public:
  Parser(std::string_view source, const std::string& name) : source_(source), name_(name) {}

  Result<std::vector<Node>> parse() {
    SIGNALBOX_TRY(std::vector<Node> nodes, parse_nodes(0));
    if (closed_by_)
      return wrong(closed_by_->at, fmt::format("{{{{{}}}}} without an action that it belongs to",
                                               printable(closed_by_->words)));
    return nodes;
  }

 private:
  tl::unexpected<Error> wrong(std::size_t at, std::string_view what, std::string hint = {}) const {
    return wrong_at(name_, source_, at, what, std::move(hint));
  }

  // Nodes up to the end, or to an {{end}} or {{else …}} that somebody above asked for: then `closed_by_`.
  Result<std::vector<Node>> parse_nodes(std::size_t depth) {
    if (depth > kMaxDepth) return wrong(at_, "more than 32 actions inside of each other");
    closed_by_.reset();
    std::vector<Node> nodes;
    while (at_ < source_.size()) {
      take_text(nodes);
      if (at_ == source_.size()) break;
      SIGNALBOX_TRY(const Action action, take_action());
      if (action.words.starts_with("/*")) {
        if (!action.words.ends_with("*/")) return wrong(action.at, "something behind the end of a comment");
        continue;
      }
      const std::string_view word = action.words.substr(0, action.words.find_first_of(" \t\r\n"));
      if (word == "end" || word == "else") {
        closed_by_ = action;
        return nodes;
      }
      SIGNALBOX_TRY(Node node, parse_action(action, word, depth));
      nodes.push_back(std::move(node));
    }
    return nodes;
  }

  // Text up to the next action, without the white space that `{{-` and `-}}` take away.
  void take_text(std::vector<Node>& nodes) {
    const std::size_t open = std::min(source_.find("{{", at_), source_.size());
    std::string_view text = source_.substr(at_, open - at_);
    const std::string_view rest = source_.substr(open);
    if (trims_) text = text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    trims_ = false;
    if (rest.size() > 3 && rest[2] == '-' && is_space(rest[3]))
      while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    at_ = open;
    if (text.empty()) return;
    Node node;
    node.text = text;
    nodes.push_back(std::move(node));
  }

  Result<Action> take_action() {
    const std::size_t open = at_;
    std::size_t start = open + 2;
    if (start + 1 < source_.size() && source_[start] == '-' && is_space(source_[start + 1])) ++start;
    while (start < source_.size() && is_space(source_[start])) ++start;
    const bool is_comment = source_.substr(start).starts_with("/*");
    const std::size_t end = is_comment ? end_of_comment(start) : end_of_action(start);
    if (end == std::string_view::npos)
      return wrong(open, is_comment ? "a comment without its end" : "{{ without its }}");
    std::string_view words = source_.substr(start, end - start);
    if (words.ends_with('-') && words.size() > 1 && is_space(words[words.size() - 2])) {
      words.remove_suffix(1);
      trims_ = true;
    }
    while (!words.empty() && is_space(words.back())) words.remove_suffix(1);
    at_ = end + 2;
    if (words.empty()) return wrong(open, "an action that says nothing");
    return Action{words, start};
  }

  std::size_t end_of_comment(std::size_t start) const {
    const std::size_t close = source_.find("*/", start + 2);
    return close == std::string_view::npos ? close : source_.find("}}", close + 2);
  }

  // Where the }} is that stands in no text.
  std::size_t end_of_action(std::size_t start) const {
    for (std::size_t at = start; at + 1 < source_.size(); ++at) {
      if (source_[at] == '"') {
        at = end_of_text(at);
        if (at == std::string_view::npos) return at;
      } else if (source_[at] == '}' && source_[at + 1] == '}') {
        return at;
      }
    }
    return std::string_view::npos;
  }

  // The quotation mark that ends the text which begins at `open`.
  std::size_t end_of_text(std::size_t open) const {
    for (std::size_t at = open + 1; at < source_.size() && source_[at] != '\n'; ++at) {
      if (source_[at] == '\\') {
        ++at;
      } else if (source_[at] == '"') {
        return at;
      }
    }
    return std::string_view::npos;
  }

  Result<Node> parse_action(const Action& action, std::string_view word, std::size_t depth) {
    Node node;
    node.at = action.at;
    node.kind = word == "if"      ? Node::Kind::branch
                : word == "range" ? Node::Kind::loop
                : word == "with"  ? Node::Kind::with
                                  : Node::Kind::print;
    const std::size_t skipped = node.kind == Node::Kind::print ? 0 : word.size();
    SIGNALBOX_TRY(node.pipeline, parse_pipeline({action.words.substr(skipped), action.at + skipped}));
    if (node.kind == Node::Kind::print) return node;
    SIGNALBOX_CHECK(parse_branches(node, depth));
    return node;
  }

  Status parse_branches(Node& node, std::size_t depth) {
    SIGNALBOX_TRY(node.then, parse_nodes(depth + 1));
    if (!closed_by_) return wrong(node.at, "an action without its {{end}}");
    Action closing = *closed_by_;
    if (closing.words.starts_with("else")) {
      const std::string_view rest = trim(closing.words.substr(4));
      if (!rest.empty()) {
        if (node.kind != Node::Kind::branch || rest.substr(0, rest.find(' ')) != "if")
          return wrong(closing.at, "after else nothing, or a condition where there was one before");
        const Action chained{rest, static_cast<std::size_t>(rest.data() - source_.data())};
        SIGNALBOX_TRY(Node inner, parse_action(chained, "if", depth + 1));
        node.otherwise.push_back(std::move(inner));
        return {};  // its {{end}} ends both
      }
      SIGNALBOX_TRY(node.otherwise, parse_nodes(depth + 1));
      if (!closed_by_) return wrong(node.at, "an action without its {{end}}");
      closing = *closed_by_;
    }
    if (closing.words != "end") return wrong(closing.at, "{{end}} is expected");
    closed_by_.reset();
    return {};
  }

  Result<Pipeline> parse_pipeline(Action rest) {
    Pipeline out;
    for (;;) {
      SIGNALBOX_TRY(Call call, parse_call(rest));
      if (!out.empty() && call.function.empty()) return wrong(call.at, "behind | a function is expected");
      const std::size_t given = call.operands.size() + (out.empty() ? 0 : 1);
      if (const Arity* arity = arity_of(call.function);
          arity != nullptr && (given < arity->least || given > arity->most))
        return wrong(call.at, fmt::format("{} is given {}", call.function, counted(given, "value")));
      out.push_back(std::move(call));
      if (rest.words.empty()) return out;
      advance(rest, 1);  // the |
      if (out.size() == kMaxCalls) return wrong(rest.at, "more than 16 functions in a row");
    }
  }

  static void advance(Action& rest, std::size_t octets) {
    rest.words.remove_prefix(octets);
    rest.at += octets;
  }
  static void skip_space(Action& rest) {
    while (!rest.words.empty() && is_space(rest.words.front())) advance(rest, 1);
  }

  // Up to a | or the end.
  Result<Call> parse_call(Action& rest) {
    skip_space(rest);
    Call call;
    call.at = rest.at;
    const std::size_t end =
        std::min(static_cast<std::size_t>(std::find_if_not(rest.words.begin(), rest.words.end(), is_name) -
                                          rest.words.begin()),
                 rest.words.size());
    const std::string_view word = rest.words.substr(0, end);
    if (arity_of(word) != nullptr) {
      call.function = word;
      advance(rest, end);
    }
    for (skip_space(rest); !rest.words.empty() && rest.words.front() != '|'; skip_space(rest)) {
      SIGNALBOX_TRY(Operand operand, parse_operand(rest));
      call.operands.push_back(std::move(operand));
      if (call.operands.size() > kMaxOperands) return wrong(rest.at, "more than 16 values in a row");
    }
    if (call.function.empty() && call.operands.size() != 1)
      return wrong(
          call.at,
          call.operands.empty() ? "a value is expected" : "one value is expected, or a function before them",
          "functions are and, eq, len, lower, ne, not, or, trim, upper");
    return call;
  }

  Result<Operand> parse_operand(Action& rest) {
    Operand out;
    out.at = rest.at;
    const char first = rest.words.front();
    if (first == '"') return parse_text(rest);
    if (first == '.' || first == '$') return parse_path(rest);
    std::size_t end = first == '-' ? 1 : 0;
    while (end < rest.words.size() && is_name(rest.words[end])) ++end;
    const std::string_view word = rest.words.substr(0, end);
    out.kind = Operand::Kind::literal;
    if (word == "true" || word == "false") {
      out.literal = word == "true";
    } else if (const auto number = parse_integer(word);
               number && (word == "0" || word.find_first_not_of("-0") == word.find_first_not_of('-'))) {
      out.literal = *number;
    } else {
      return wrong(rest.at,
                   fmt::format("`{}` is no value and no function",
                               printable(word.empty() ? rest.words.substr(0, 1) : word)),
                   "members begin with a dot: .version");
    }
    advance(rest, end);
    SIGNALBOX_CHECK(expect_end(rest));
    return out;
  }

  Status expect_end(const Action& rest) const {
    if (rest.words.empty() || is_space(rest.words.front()) || rest.words.front() == '|') return {};
    return wrong(rest.at, "a space is expected");
  }

  Result<Operand> parse_path(Action& rest) {
    Operand out;
    out.at = rest.at;
    if (rest.words.front() == '$') {
      out.kind = Operand::Kind::whole;
      advance(rest, 1);
    }
    bool more = rest.words.starts_with('.');
    while (more) {
      advance(rest, 1);
      std::size_t end = 0;
      while (end < rest.words.size() && is_name(rest.words[end])) ++end;
      if (end == 0) {
        if (out.members.empty() && out.kind == Operand::Kind::here) break;  // the value itself
        return wrong(rest.at, "the name of a member is expected");
      }
      out.members.emplace_back(rest.words.substr(0, end));
      advance(rest, end);
      more = rest.words.starts_with('.');
    }
    SIGNALBOX_CHECK(expect_end(rest));
    return out;
  }

  // A text in quotation marks, with the escapes \" \\ \n \t.
  Result<Operand> parse_text(Action& rest) {
    Operand out;
    out.kind = Operand::Kind::literal;
    out.at = rest.at;
    std::string text;
    advance(rest, 1);
    while (!rest.words.empty() && rest.words.front() != '"') {
      char c = rest.words.front();
      if (c == '\\') {
        advance(rest, 1);
        const std::size_t which =
            rest.words.empty() ? std::string_view::npos : std::string_view("\"\\nt").find(rest.words.front());
        if (which == std::string_view::npos) return wrong(rest.at, "behind \\ one of \" \\ n t is expected");
        c = "\"\\\n\t"[which];
      }
      text += c;
      advance(rest, 1);
    }
    if (rest.words.empty()) return wrong(out.at, "a text without its end");
    advance(rest, 1);
    if (!is_utf8(text)) return wrong(out.at, "a text that is not UTF-8");
    out.literal = text;
    SIGNALBOX_CHECK(expect_end(rest));
    return out;
  }

  std::string_view source_;
  const std::string& name_;
  std::size_t at_ = 0;
  bool trims_ = false;  // the last action takes away the white space behind it
  std::optional<Action> closed_by_;
};

}  // namespace

const Arity* arity_of(std::string_view function) {
  const auto* found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                   [&](const Function& known) { return known.name == function; });
  return found == kFunctions.end() ? nullptr : &found->arity;
}

tl::unexpected<Error> wrong_at(const std::string& name, std::string_view source, std::size_t at,
                               std::string_view what, std::string hint) {
  const std::string_view before = source.substr(0, at);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t start = before.rfind('\n');
  const std::size_t column = at - (start == std::string_view::npos ? 0 : start + 1) + 1;
  return fail(ErrorKind::bad_input, fmt::format("{}:{}:{}: {}", name, line, column, what), std::move(hint));
}

Result<Template> Template::parse(std::string_view text, std::string name) {
  if (text.size() > kMaxTemplateBytes)
    return fail(ErrorKind::bad_input, name + ": a template of more than 256 KiB");
  if (!is_utf8(text)) return fail(ErrorKind::bad_input, name + ": a template that is not UTF-8");
  auto body = std::make_shared<Body>();
  body->name = std::move(name);
  body->source = text;
  SIGNALBOX_TRY(body->nodes, Parser(body->source, body->name).parse());
  return Template(std::move(body));
}

}  // namespace signalbox::templates
