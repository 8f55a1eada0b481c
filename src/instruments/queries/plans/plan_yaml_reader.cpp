#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/plans/plan_document.hpp"
#include "instruments/queries/plans/plan_reader.hpp"

namespace signalbox::queries {
namespace {

constexpr JsonLimits kScalarLimits{std::size_t{64} << 20, 8, false};

// Strings as JSON has them, or plain; numbers; lists in brackets.
Result<Json> yaml_scalar(std::string_view text) {
  const bool is_json = text.front() == '"' || text.front() == '[' || text == "true" || text == "false";
  if (is_json || (text.front() >= '0' && text.front() <= '9') || text.front() == '-') {
    auto value = parse_json(text, kScalarLimits);
    if (value) return value;
    if (is_json) return fail(ErrorKind::bad_input, "a value that does not end, or has something behind it");
  }
  return Json(text);
}

// Blocks of mappings and sequences, told apart by how far they stand in, read without recursion.
class Yaml {
 public:
  Status add(std::string_view line) {
    ++number_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == std::string_view::npos) return {};
    return add(indent, line.substr(indent));
  }
  Result<Json> finish() && {
    if (!has_root_) return fail(ErrorKind::bad_input, "there is no plan in the text");
    return std::move(root_);
  }

 private:
  struct Open {
    std::size_t indent;
    Json* value;  // an array or an object
  };

  Status wrong(std::string_view what) const {
    return fail(ErrorKind::bad_input, fmt::format("line {} of the YAML: {}", number_, what));
  }

  static bool is_item(std::string_view text) { return text == "-" || text.starts_with("- "); }

  Status open(std::size_t indent, Json* value, std::string_view text) {
    if (open_.size() >= kMaxDocumentDepth) return wrong("is too deep");
    *value = is_item(text) ? Json::array() : Json::object();
    open_.push_back({indent, value});
    return {};
  }

  Status add(std::size_t indent, std::string_view text) {
    while (!open_.empty() && open_.back().indent > indent) open_.pop_back();
    Json* const waits = std::exchange(waits_, nullptr);
    if (waits != nullptr && indent > waits_indent_) {
      SIGNALBOX_CHECK(open(indent, waits, text));
    } else if (!has_root_) {
      has_root_ = true;
      SIGNALBOX_CHECK(open(indent, &root_, text));
    }
    if (open_.empty() || open_.back().indent != indent) return wrong("stands in as no line before it does");
    while (is_item(text)) {
      Json* const list = open_.back().value;
      if (!list->is_array()) return wrong("an item where there is no list");
      list->items().emplace_back();
      Json* const item = &list->items().back();
      const std::size_t begin = text.find_first_not_of(' ', 1);
      if (begin == std::string_view::npos) return wait(item, indent);
      text.remove_prefix(begin);
      indent += begin;
      if (!is_item(text) && (text.front() == '"' || text.front() == '[' || find_colon(text) == text.size()))
        return set(item, text);
      SIGNALBOX_CHECK(open(indent, item, text));
    }
    return member(indent, text);
  }

  // Where the name ends: a colon with a space or nothing behind it.
  static std::size_t find_colon(std::string_view text) {
    const std::size_t at = text.find(": ");
    if (at != std::string_view::npos) return at;
    return text.ends_with(':') ? text.size() - 1 : text.size();
  }

  Status member(std::size_t indent, std::string_view text) {
    Json* const object = open_.back().value;
    const std::size_t colon = find_colon(text);
    if (!object->is_object() || colon == text.size() || colon == 0) return wrong("no name and value");
    object->members().emplace_back(std::string(text.substr(0, colon)), Json());
    Json* const value = &object->members().back().second;
    const std::string_view rest = trim(text.substr(colon + 1));
    return rest.empty() ? wait(value, indent) : set(value, rest);
  }

  // What it is the next line tells.
  Status wait(Json* value, std::size_t indent) {
    waits_ = value;
    waits_indent_ = indent;
    return {};
  }

  Status set(Json* value, std::string_view text) {
    auto read = yaml_scalar(trim(text));
    if (!read) return wrong(read.error().message);
    *value = *std::move(read);
    return {};
  }

  Json root_;
  bool has_root_ = false;
  std::vector<Open> open_;
  Json* waits_ = nullptr;
  std::size_t waits_indent_ = 0, number_ = 0;
};

}  // namespace

Result<Json> read_yaml_document(std::string_view text) {
  Yaml yaml;
  for (const std::string_view line : lines(text)) SIGNALBOX_CHECK(yaml.add(line));
  return std::move(yaml).finish();
}

}  // namespace signalbox::queries
