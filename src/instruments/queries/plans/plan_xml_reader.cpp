#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/base/utf8.hpp"
#include "instruments/queries/plans/plan_document.hpp"
#include "instruments/queries/plans/plan_reader.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMaxXmlElements = 100 * kMaxPlanNodes;

// ExplainXMLTag has a hyphen for whatever may not stand in a tag: back to the name that JSON has.
std::string member_name(std::string_view tag) {
  constexpr std::string_view kHyphened[] = {"Full-sort Groups", "Pre-sorted Groups"};
  std::string out(tag);
  std::replace(out.begin(), out.end(), '-', ' ');
  for (const std::string_view each : kHyphened) {
    std::string plain(each);
    std::replace(plain.begin(), plain.end(), '-', ' ');
    if (plain == out) return std::string(each);
  }
  if (out.starts_with("I O ")) out[1] = '/';
  if (const std::size_t at = out.find(" I O "); at != std::string::npos) out[at + 2] = '/';
  return out;
}

bool is_list(std::string_view name) {
  return name == "Plans" || name == "Workers" || name == "Triggers" || name == "Grouping Sets";
}

// &lt; and its like, and numbers; false where it is none of them.
bool add_entity(std::string_view name, std::string& out) {
  constexpr std::pair<std::string_view, char> kNamed[] = {
      {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [known, letter] : kNamed) {
    if (name == known) return out += letter, true;
  }
  if (!name.starts_with('#') || name.size() < 2) return false;
  const bool hex = name[1] == 'x' || name[1] == 'X';
  const std::string_view digits = name.substr(hex ? 2 : 1);
  std::uint32_t code = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
  if (error != std::errc() || end != digits.data() + digits.size() || code == 0 || !is_character(code))
    return false;
  append_utf8(out, code);
  return true;
}

// Elements with text or with elements in them; attributes say nothing here. No document type, no sections.
class Xml {
 public:
  explicit Xml(std::string_view text) : text_(text) {}

  Result<Json> read() {
    while (at_ < text_.size()) {
      const std::size_t tag = text_.find('<', at_);
      SIGNALBOX_CHECK(words(text_.substr(at_, tag == std::string_view::npos ? tag : tag - at_)));
      if (tag == std::string_view::npos) break;
      at_ = tag;
      if (skips("<?", "?>") || skips("<!--", "-->")) continue;
      const std::size_t end = text_.find('>', at_);
      if (end == std::string_view::npos) return wrong("a tag does not end");
      const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
      SIGNALBOX_CHECK(inside.starts_with('/') ? close(trim(inside.substr(1))) : open(inside));
      at_ = end + 1;
    }
    if (!open_.empty()) return wrong(fmt::format("<{}> does not end", open_.back().tag));
    if (!root_.is_object()) return wrong("there is no plan in it");
    return std::move(root_);
  }

 private:
  struct Element {
    std::string tag, name, text;
    Json value;  // null: no elements in it yet
  };

  tl::unexpected<Error> wrong(std::string_view what) const {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    return fail(ErrorKind::bad_input, fmt::format("line {} of the XML: {}", line, printable(what)));
  }

  bool skips(std::string_view begin, std::string_view end) {
    if (!text_.substr(at_).starts_with(begin)) return false;
    const std::size_t stop = text_.find(end, at_);
    at_ = stop == std::string_view::npos ? text_.size() : stop + end.size();
    return true;
  }

  Status words(std::string_view words) {
    if (open_.empty()) {
      if (!trim(words).empty()) return wrong("text outside of the element");
      return {};
    }
    std::string& out = open_.back().text;
    while (!words.empty()) {
      const std::size_t amp = words.find('&');
      out += words.substr(0, amp);
      if (amp == std::string_view::npos) break;
      const std::size_t end = words.find(';', amp);
      if (end == std::string_view::npos || !add_entity(words.substr(amp + 1, end - amp - 1), out))
        return wrong("an entity that is none");
      words.remove_prefix(end + 1);
    }
    return {};
  }

  Status open(std::string_view inside) {
    const bool is_empty = inside.ends_with('/');
    const std::string_view tag = inside.substr(0, inside.find_first_of(" \t\r\n/"));
    if (tag.empty() || tag.front() == '!') return wrong("no element");
    if (open_.size() >= kMaxDocumentDepth || ++elements_ > kMaxXmlElements) return wrong("too much of it");
    if (open_.empty() && !root_.is_null()) return wrong("a second element behind the first");
    if (!open_.empty() && open_.back().value.is_null())
      open_.back().value = is_list(open_.back().name) || tag == "Item" ? Json::array() : Json::object();
    open_.push_back({std::string(tag), member_name(tag), {}, {}});
    return is_empty ? close(tag) : Status();
  }

  Status close(std::string_view tag) {
    if (open_.empty() || open_.back().tag != tag) return wrong(fmt::format("</{}> ends nothing", tag));
    Element element = std::move(open_.back());
    open_.pop_back();
    if (element.value.is_null()) {
      if (is_list(element.name))
        element.value = Json::array();
      else if (element.text == "true" || element.text == "false")
        element.value = Json(element.text == "true");
      else
        element.value = Json(std::move(element.text));
    }
    if (open_.empty()) {
      root_ = Json::object();
      root_.members().emplace_back(std::move(element.name), std::move(element.value));
    } else if (open_.back().value.is_array()) {
      open_.back().value.items().push_back(std::move(element.value));
    } else {
      open_.back().value.members().emplace_back(std::move(element.name), std::move(element.value));
    }
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0, elements_ = 0;
  std::vector<Element> open_;
  Json root_;
};

}  // namespace

Result<Json> read_xml_document(std::string_view text) {
  SIGNALBOX_TRY(Json root, Xml(text).read());
  auto& [name, explain] = root.members().front();
  if (name != "explain" || !explain.is_object())
    return fail(ErrorKind::bad_input, "the XML has no <explain>", "EXPLAIN (FORMAT XML) writes one");
  for (auto& [member, value] : explain.members()) {
    if (member == "Query") return std::move(value);  // auto_explain writes none
  }
  return std::move(explain);
}

}  // namespace signalbox::queries
