// YAML text to a tree, on yaml-cpp's events. The tree builder of yaml-cpp itself is not used: it resolves
// aliases, keeps duplicate keys and recurses without a bound of ours. Here the first event too deep, too many
// or not allowed ends the reading.
#include <algorithm>
#include <sstream>
#include <unordered_set>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/config/value.hpp"

namespace signalbox::config {
namespace {

using Value = Node::Value;
using Kind = Value::Kind;

// The text of a document by lines, to turn yaml-cpp's octet columns into columns of characters.
class Source {
 public:
  Source(std::string_view text, std::string name)
      : name_(std::make_shared<const std::string>(std::move(name))), lines_(split(text, '\n')) {}

  const std::shared_ptr<const std::string>& name() const { return name_; }
  std::size_t line_count() const { return lines_.size(); }
  std::string_view line(int number) const {  // from 1
    return number >= 1 && static_cast<std::size_t>(number) <= lines_.size() ? lines_[number - 1]
                                                                            : std::string_view{};
  }
  int column_of(const YAML::Mark& mark) const {
    const std::string_view before =
        line(mark.line + 1).substr(0, static_cast<std::size_t>(std::max(mark.column, 0)));
    const auto starts =
        std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xC0) != 0x80; });
    return static_cast<int>(starts) + 1 + std::max(mark.column - static_cast<int>(before.size()), 0);
  }
  Error error(int line, int column, std::string_view message, std::string hint = {}) const {
    return {ErrorKind::bad_input, fmt::format("{}:{}:{}: {}", *name_, line, column, message),
            std::move(hint)};
  }
  Error error(const YAML::Mark& mark, std::string_view message, std::string hint = {}) const {
    return error(std::max(mark.line, 0) + 1, column_of(mark), message, std::move(hint));
  }

  // Whether the quoted scalar that begins at `mark` has its closing quote; yaml-cpp lets the end of the file
  // close it.
  bool closes(const YAML::Mark& mark) const {
    std::size_t at = static_cast<std::size_t>(mark.column) + 1;
    const std::string_view first = line(mark.line + 1);
    if (at > first.size() || (first[at - 1] != '"' && first[at - 1] != '\'')) return true;  // a block scalar
    const char quote = first[at - 1];
    for (std::size_t number = static_cast<std::size_t>(mark.line); number < lines_.size(); ++number, at = 0) {
      for (; at < lines_[number].size(); ++at) {
        if (quote == '"' && lines_[number][at] == '\\') {
          ++at;
        } else if (lines_[number][at] == quote) {
          const bool doubled = quote == '\'' && lines_[number].substr(at + 1).starts_with('\'');
          if (!doubled) return true;
          ++at;
        }
      }
    }
    return false;
  }

 private:
  std::shared_ptr<const std::string> name_;
  std::vector<std::string_view> lines_;
};

// What a handler throws through yaml-cpp to stop it; caught in parse_yaml.
struct Refused {
  Error error;
};

// Builds the tree from events; refuses what we do not read.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(const Source& source) : source_(source) {}

  std::shared_ptr<const Value> root;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) refuse(mark, "a second document begins; one is expected", "remove the line `---`");
  }
  void OnDocumentEnd() override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark); }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(mark, Kind::null, "", anchor));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    auto value = make(mark, Kind::scalar, tag, anchor);
    value->quoted = tag == "!";
    if (value->quoted && !source_.closes(mark)) refuse(mark, "the quotes that open here are never closed");
    if (text.find('\0') != std::string::npos) refuse(mark, "a NUL character");
    value->scalar = text;
    add(std::move(value));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, make(mark, Kind::list, tag, anchor));
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, make(mark, Kind::map, tag, anchor));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  // A collection that is still being read.
  struct Open {
    std::shared_ptr<Value> value;
    std::string key;  // of the member whose value comes next
    bool has_key = false;
    int key_line = 0;
    int key_column = 0;
    std::unordered_set<std::string> keys;
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string_view message, std::string hint = {}) const {
    throw Refused{source_.error(mark, message, std::move(hint))};
  }
  [[noreturn]] void refuse_anchor(const YAML::Mark& mark) const {
    refuse(mark, "anchors and aliases are not read here", "write the value out where it is used");
  }

  std::string path_of_next() const {
    if (open_.empty()) return {};
    const Open& top = open_.back();
    if (top.value->kind == Kind::list) return fmt::format("{}[{}]", top.value->path, top.value->items.size());
    return top.value->path.empty() ? top.key : top.value->path + "." + top.key;
  }

  std::shared_ptr<Value> make(const YAML::Mark& mark, Kind kind, std::string_view tag,
                              YAML::anchor_t anchor) {
    if (anchor != 0) refuse_anchor(mark);
    if (!tag.empty() && tag != "?" && tag != "!")
      refuse(mark, "tags are not read here", "to make a value text, put it in quotes");
    if (++values_ > kMaxYamlValues) refuse(mark, fmt::format("more than {} values", kMaxYamlValues));
    auto value = std::make_shared<Value>();
    value->kind = kind;
    value->file = source_.name();
    value->path = path_of_next();
    // yaml-cpp marks a map in flow style at its key; both count from 0.
    value->line = std::max(mark.line, 0) + 1;
    value->column = source_.column_of(mark);
    if (!open_.empty() && open_.back().has_key) {
      value->key_line = open_.back().key_line;
      value->key_column = open_.back().key_column;
    }
    return value;
  }

  void take_key(const Value& key) {
    Open& top = open_.back();
    const auto refuse_here = [&](std::string_view message, std::string hint) {
      throw Refused{source_.error(key.line, key.column, message, std::move(hint))};
    };
    if (key.kind != Kind::scalar)
      refuse_here("a key has to be plain text", "look for a `:` without a key before it");
    if (key.scalar == "<<" && !key.quoted) refuse_here("merge keys are not read here", "write the keys out");
    if (!top.keys.insert(key.scalar).second) {
      refuse_here(fmt::format("the key '{}' stands here twice", printable(key.scalar)), "keep one of them");
    }
    top.key = key.scalar;
    top.has_key = true;
    top.key_line = key.line;
    top.key_column = key.column;
  }

  void add(std::shared_ptr<const Value> value) {
    if (open_.empty()) {
      root = std::move(value);
      return;
    }
    Open& top = open_.back();
    if (top.value->kind == Kind::list) {
      top.value->items.push_back(std::move(value));
    } else if (!top.has_key) {
      take_key(*value);
    } else {
      top.value->members.emplace_back(top.key, std::move(value));
      top.has_key = false;
    }
  }

  void open(const YAML::Mark& mark, std::shared_ptr<Value> value) {
    if (open_.size() >= kMaxYamlDepth)
      refuse(mark, fmt::format("nested deeper than {} levels", kMaxYamlDepth));
    if (!open_.empty() && open_.back().value->kind == Kind::map && !open_.back().has_key) {
      refuse(mark, "a key has to be plain text", "put text with braces or brackets in quotes");
    }
    open_.push_back({.value = std::move(value)});
  }

  void close() {
    std::shared_ptr<const Value> value = std::move(open_.back().value);
    open_.pop_back();
    add(std::move(value));
  }

  const Source& source_;
  std::vector<Open> open_;
  std::size_t values_ = 0;
  int documents_ = 0;
};

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

// What no YAML file holds, found before yaml-cpp sees it. Carriage returns stand before a newline alone.
Status check_octets(const Source& source) {
  for (int number = 1; static_cast<std::size_t>(number) <= source.line_count(); ++number) {
    const std::string_view line = source.line(number);
    if (!is_utf8(line))
      return fail(source.error(number, 1, "this line is not UTF-8", "save the file as UTF-8"));
    const auto bad =
        std::find_if(line.begin(), line.end(), [](char c) { return is_control(c) || c == 0x7F; });
    if (bad != line.end()) {
      return fail(source.error(number, static_cast<int>(bad - line.begin()) + 1,
                               *bad == 0
                                   ? std::string("a NUL character")
                                   : fmt::format("the control character \\x{:02x}", static_cast<int>(*bad))));
    }
    const std::size_t carriage = line.find('\r');
    if (carriage != std::string_view::npos && carriage + 1 != line.size()) {
      return fail(source.error(number, static_cast<int>(carriage) + 1, "a carriage return inside a line"));
    }
  }
  return {};
}

// yaml-cpp says what it met, not what the writer did; the two slips that most people make are named here.
std::string hint_for(const Source& source, int line) {
  for (const int number : {line, line - 1}) {
    const std::string_view text = source.line(number);
    const std::string_view indent = text.substr(0, text.find_first_not_of(" \t"));
    if (indent.find('\t') != std::string_view::npos) {
      return fmt::format("line {} is indented with a tab: YAML takes spaces alone", number);
    }
  }
  const std::string_view before = trim(source.line(line - 1));
  if (!before.empty() && before.front() != '#' && before.front() != '-' &&
      before.find(':') == std::string_view::npos) {
    return fmt::format("line {} has no `:` after its key", line - 1);
  }
  return {};
}

}  // namespace

Result<Node> parse_yaml(std::string_view text, std::string name) {
  if (text.size() > kMaxYamlBytes) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: {} bytes; at most {} are read", name, text.size(), kMaxYamlBytes));
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const Source source(text, std::move(name));
  SIGNALBOX_CHECK(check_octets(source));
  Builder builder(source);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    return fail(refused.error);
  } catch (const YAML::Exception& error) {
    return fail(source.error(error.mark, printable(error.msg), hint_for(source, error.mark.line + 1)));
  } catch (const std::exception& error) {
    return fail(source.error(1, 1, printable(error.what())));
  }
  Node out;
  if (builder.root != nullptr && builder.root->kind != Kind::null) {
    out.value_ = std::move(builder.root);
    return out;
  }
  auto empty = std::make_shared<Value>();
  empty->kind = Kind::map;
  empty->file = source.name();
  out.value_ = std::move(empty);
  return out;
}

Result<Node> read_yaml(const std::filesystem::path& path) {
  SIGNALBOX_TRY(const std::string text, read_file(path, kMaxYamlBytes));
  return parse_yaml(text, path.filename().string());
}

}  // namespace signalbox::config
