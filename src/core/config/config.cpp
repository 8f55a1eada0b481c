#include "core/config/config.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::config {

// One parsed value. Parsed once, never changed, shared by the nodes that point into the document.
struct Node::Value {
  enum class Kind { null, scalar, list, map } kind = Kind::null;
  std::string file;
  std::string path;
  int line = 0;    // from 1
  int column = 0;  // from 1
  std::string scalar;
  bool quoted = false;  // a quoted scalar is text, whatever it looks like
  std::vector<std::shared_ptr<const Value>> items;
  std::vector<std::pair<std::string, std::shared_ptr<const Value>>> members;
};

namespace {

Error at(std::string_view name, int line, int column, std::string_view message, std::string hint = {}) {
  return {ErrorKind::bad_input, fmt::format("{}:{}:{}: {}", name, line, column, message), std::move(hint)};
}

// yaml-cpp parses by recursion, so nesting is bounded before it sees the text: flow collections by their
// brackets, block collections by indentation and by the "- - -" of one line. Quoted text is counted as if it
// were brackets at worst: the bound is far above real use.
Status check_depth(std::string_view text, const std::string& name) {
  std::size_t flow = 0;
  std::vector<std::size_t> indents;
  int line_number = 0;
  for (const std::string_view line : lines(text)) {
    ++line_number;
    std::size_t column = 0;
    std::size_t dashes = 0;
    while (column < line.size() &&
           (line[column] == ' ' || ((line[column] == '-' || line[column] == '?') &&
                                    column + 1 < line.size() && line[column + 1] == ' '))) {
      if (line[column] != ' ') ++dashes;
      ++column;
    }
    if (column < line.size() && line[column] != '#') {
      while (!indents.empty() && indents.back() >= column) indents.pop_back();
      indents.push_back(column);
    }
    char quote = 0;
    for (std::size_t i = column; i < line.size(); ++i) {
      const char c = line[i];
      if (quote != 0) {
        if (c == quote) quote = 0;
        continue;
      }
      if (c == '"' || c == '\'') quote = c;
      if (c == '#' && i > 0 && line[i - 1] == ' ') break;
      if (c == '[' || c == '{') ++flow;
      if ((c == ']' || c == '}') && flow > 0) --flow;
      if (flow + dashes + indents.size() > kMaxYamlDepth) {
        return fail(at(name, line_number, static_cast<int>(i) + 1,
                       fmt::format("nested deeper than {} levels", kMaxYamlDepth)));
      }
    }
    if (dashes + indents.size() > kMaxYamlDepth) {
      return fail(at(name, line_number, 1, fmt::format("nested deeper than {} levels", kMaxYamlDepth)));
    }
  }
  return {};
}

// Anchors and aliases make documents that say one thing and mean another (and a billion laughs). The event
// parser sees them, the tree does not.
class AliasFinder final : public YAML::EventHandler {
 public:
  std::optional<YAML::Mark> found;
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { see(mark, anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { see(mark, 1); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string&) override {
    see(mark, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    see(mark, anchor);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    see(mark, anchor);
  }
  void OnMapEnd() override {}

 private:
  void see(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0 && !found) found = mark;
  }
};

bool looks_like_bool(std::string_view text) {
  return text == "true" || text == "True" || text == "TRUE" || text == "false" || text == "False" ||
         text == "FALSE";
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  if (text.empty() || text.front() == '+') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  const char last = text.back();
  if (last < '0' || last > '9') return std::nullopt;  // "inf", "nan", "1."
  return value;
}

}  // namespace

// Copies the tree out of yaml-cpp, which keeps no paths and no file names. A friend of nothing: it builds
// plain values.
struct Builder {
  const std::string& name;

  template <class V>
  Result<std::shared_ptr<const V>> build(const YAML::Node& node, std::string path, std::size_t depth) const {
    auto value = std::make_shared<V>();
    value->file = name;
    value->path = path;
    value->line = std::max(node.Mark().line, 0) + 1;
    value->column = std::max(node.Mark().column, 0) + 1;
    if (depth > kMaxYamlDepth) {
      return fail(
          at(name, value->line, value->column, fmt::format("nested deeper than {} levels", kMaxYamlDepth)));
    }
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        break;
      case YAML::NodeType::Scalar:
        value->kind = V::Kind::scalar;
        value->scalar = node.Scalar();
        value->quoted = node.Tag() == "!";
        break;
      case YAML::NodeType::Sequence: {
        value->kind = V::Kind::list;
        std::size_t index = 0;
        for (const YAML::Node& item : node) {
          SIGNALBOX_TRY(auto child, build<V>(item, fmt::format("{}[{}]", path, index++), depth + 1));
          value->items.push_back(std::move(child));
        }
        break;
      }
      case YAML::NodeType::Map: {
        value->kind = V::Kind::map;
        std::set<std::string> seen;
        for (const auto& member : node) {
          const YAML::Mark mark = member.first.Mark();
          if (!member.first.IsScalar())
            return fail(at(name, mark.line + 1, mark.column + 1, "a key has to be plain text"));
          const std::string key = member.first.Scalar();
          if (key == "<<")
            return fail(at(name, mark.line + 1, mark.column + 1, "merge keys are not read here"));
          if (!seen.insert(key).second) {
            return fail(at(name, mark.line + 1, mark.column + 1,
                           fmt::format("the key '{}' stands here twice", printable(key)),
                           "keep one of them"));
          }
          SIGNALBOX_TRY(auto child,
                        build<V>(member.second, path.empty() ? key : path + "." + key, depth + 1));
          value->members.emplace_back(key, std::move(child));
        }
        break;
      }
    }
    return std::shared_ptr<const V>(std::move(value));
  }
};

bool Node::exists() const {
  return value_ != nullptr && value_->kind != Value::Kind::null;
}
bool Node::is_map() const {
  return value_ != nullptr && value_->kind == Value::Kind::map;
}
bool Node::is_list() const {
  return value_ != nullptr && value_->kind == Value::Kind::list;
}
bool Node::is_scalar() const {
  return value_ != nullptr && value_->kind == Value::Kind::scalar;
}
std::string Node::where() const {
  return value_ == nullptr ? "" : fmt::format("{}:{}:{}", value_->file, value_->line, value_->column);
}
std::string Node::path() const {
  return value_ == nullptr ? "" : value_->path;
}

Node Node::operator[](std::string_view key) const {
  Node out;
  if (!is_map()) return out;
  for (const auto& [name, value] : value_->members) {
    if (name == key) out.value_ = value;
  }
  return out;
}

std::vector<Node> Node::items() const {
  std::vector<Node> out;
  if (value_ == nullptr) return out;
  for (const auto& item : value_->items) {
    out.emplace_back();
    out.back().value_ = item;
  }
  return out;
}

std::vector<std::pair<std::string, Node>> Node::members() const {
  std::vector<std::pair<std::string, Node>> out;
  if (value_ == nullptr) return out;
  for (const auto& [name, value] : value_->members) {
    out.emplace_back(name, Node());
    out.back().second.value_ = value;
  }
  return out;
}

tl::unexpected<Error> Node::wrong(std::string message, std::string hint) const {
  const std::string place = value_ == nullptr ? std::string("configuration") : where();
  const std::string what = path().empty() ? std::string() : path() + ": ";
  return fail(ErrorKind::bad_input, fmt::format("{}: {}{}", place, what, message), std::move(hint));
}

Result<std::string> Node::text() const {
  if (!is_scalar()) return wrong("text is expected here");
  return value_->scalar;
}

Result<std::int64_t> Node::integer() const {
  const auto value = is_scalar() ? parse_integer(value_->scalar) : std::nullopt;
  if (!value) return wrong("a whole number is expected here");
  return *value;
}

Result<double> Node::number() const {
  const auto value = is_scalar() ? parse_number(value_->scalar) : std::nullopt;
  if (!value) return wrong("a number is expected here");
  return *value;
}

Result<bool> Node::boolean() const {
  if (is_scalar()) {
    const std::string word = to_lower(value_->scalar);
    if (word == "true" || word == "yes" || word == "on") return true;
    if (word == "false" || word == "no" || word == "off") return false;
  }
  return wrong("true or false is expected here");
}

Result<Duration> Node::duration() const {
  if (!is_scalar()) return wrong("a duration such as 24h is expected here");
  auto value = parse_duration(value_->scalar);
  if (!value) return wrong(value.error().message, value.error().hint);
  return *value;
}

Result<Time> Node::time() const {
  if (!is_scalar()) return wrong("a time such as 2026-03-03T09:00:00Z is expected here");
  auto value = parse_rfc3339(value_->scalar);
  if (!value) return wrong(value.error().message, value.error().hint);
  return *value;
}

Result<std::vector<std::string>> Node::texts() const {
  if (is_scalar()) return std::vector<std::string>{value_->scalar};
  if (!is_list()) return wrong("a list of texts is expected here");
  std::vector<std::string> out;
  for (const Node& item : items()) {
    SIGNALBOX_TRY(std::string text, item.text());
    out.push_back(std::move(text));
  }
  return out;
}

Status Node::only(const std::vector<std::string>& known) const {
  if (!exists()) return {};
  if (!is_map()) return wrong("a map of keys is expected here");
  for (const auto& [key, value] : members()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto near = nearest(key, known);
    return value.wrong(fmt::format("the key '{}' is not known here", printable(key)),
                       near ? fmt::format("did you mean '{}'?", *near) : "known here: " + join(known, ", "));
  }
  return {};
}

Json Node::to_json() const {
  if (is_map()) {
    Json out = Json::object();
    for (const auto& [key, value] : members()) out.set(key, value.to_json());
    return out;
  }
  if (is_list()) {
    Json out = Json::array();
    for (const Node& item : items()) out.push_back(item.to_json());
    return out;
  }
  if (!is_scalar()) return Json();
  const std::string& scalar = value_->scalar;
  if (value_->quoted) return Json(scalar);
  if (looks_like_bool(scalar)) return Json(to_lower(scalar) == "true");
  if (const auto whole = parse_integer(scalar)) return Json(*whole);
  if (const auto number = parse_number(scalar)) return Json(*number);
  return Json(scalar);
}

Result<Node> parse_yaml(std::string_view text, std::string name) {
  if (text.size() > kMaxYamlBytes) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: {} bytes; at most {} are read", name, text.size(), kMaxYamlBytes));
  }
  int line_number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++line_number;
    if (!is_utf8(line)) return fail(at(name, line_number, 1, "this line is not UTF-8"));
    if (const std::size_t nul = line.find('\0'); nul != std::string_view::npos) {
      return fail(at(name, line_number, static_cast<int>(nul) + 1, "a NUL character"));
    }
  }
  SIGNALBOX_CHECK(check_depth(text, name));
  try {
    const std::string copy(text);
    std::istringstream stream(copy);
    YAML::Parser parser(stream);
    AliasFinder finder;
    parser.HandleNextDocument(finder);
    if (finder.found) {
      return fail(at(name, finder.found->line + 1, finder.found->column + 1,
                     "anchors and aliases are not read here", "write the value out where it is used"));
    }
    std::istringstream rest(copy);
    const std::vector<YAML::Node> documents = YAML::LoadAll(rest);
    if (documents.size() > 1)
      return fail(at(name, documents[1].Mark().line + 1, 1, "one document is expected, there are several"));
    const YAML::Node root = documents.empty() ? YAML::Node(YAML::NodeType::Map) : documents[0];
    SIGNALBOX_TRY(auto value, Builder{name}.build<Node::Value>(
                                  root.IsNull() ? YAML::Node(YAML::NodeType::Map) : root, "", 0));
    Node out;
    out.value_ = std::move(value);
    return out;
  } catch (const YAML::Exception& error) {
    return fail(at(name, std::max(error.mark.line, 0) + 1, std::max(error.mark.column, 0) + 1, error.msg));
  }
}

Result<Node> read_yaml(const std::filesystem::path& path) {
  SIGNALBOX_TRY(const std::string text, read_file(path, kMaxYamlBytes));
  return parse_yaml(text, path.filename().string());
}

}  // namespace signalbox::config
