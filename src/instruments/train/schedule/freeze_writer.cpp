#include "instruments/train/schedule/freeze_writer.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/config/config.hpp"

namespace signalbox::train::schedule {
namespace {

using config::Node;

constexpr std::size_t kIndent = 2;

// A double-quoted scalar of YAML is one of JSON.
std::string quoted(const std::string& text) {
  return Json(text).dump();
}

std::string item_text(const FreezeMembers& members, std::size_t indent) {
  std::string out;
  for (const auto& [key, values] : members) {
    out += std::string(indent, ' ') + (out.empty() ? "- " : "  ") + key + ": ";
    if (values.size() == 1) {
      out += quoted(values.front());
    } else {
      std::vector<std::string> all;
      std::transform(values.begin(), values.end(), std::back_inserter(all), quoted);
      out += "[" + join(all, ", ") + "]";
    }
    out += '\n';
  }
  return out;
}

// A place in the file, both from 1, as `Node::where` tells it.
struct Place {
  std::size_t line = 1, column = 1;
};
Place place_of(const Node& node) {
  const std::string where = node.where();
  const std::size_t last = where.rfind(':');
  const std::size_t first = where.rfind(':', last - 1);
  return {std::stoul(where.substr(first + 1, last - first - 1)), std::stoul(where.substr(last + 1))};
}

std::size_t offset_of_line(std::string_view octets, std::size_t line) {
  std::size_t at = 0;
  for (std::size_t i = 1; i < line; ++i) at = std::min(octets.find('\n', at), octets.size() - 1) + 1;
  return at;
}

// The octets up to the node's column are blanks: it begins its line.
bool begins_its_line(std::string_view octets, const Place& place) {
  const std::string_view line = octets.substr(offset_of_line(octets, place.line));
  return line.size() >= place.column &&
         line.substr(0, place.column - 1).find_first_not_of(' ') == std::string_view::npos;
}

std::string inserted(std::string_view octets, std::size_t line, const std::string& text) {
  const std::size_t at = offset_of_line(octets, line);
  return std::string(octets.substr(0, at)) + text + std::string(octets.substr(at));
}

std::string appended(std::string_view octets, const std::string& text) {
  std::string out(octets);
  if (!out.empty() && out.back() != '\n') out += '\n';
  return out + text;
}

// Before the first item of the list, before the first key of the section, or a section at the end.
std::string edited(std::string_view octets, const Node& root, Holder holder, const FreezeMembers& members) {
  const bool is_section = holder == Holder::train_yaml;
  const Node train = is_section ? root : root["train"];
  const std::vector<Node> items = train["freeze"].items();
  if (!items.empty()) {
    const Place place = place_of(train["freeze"]);
    return begins_its_line(octets, place) ? inserted(octets, place.line, item_text(members, place.column - 1))
                                          : std::string();
  }
  if (train["freeze"].exists()) return {};
  const std::vector<std::pair<std::string, Node>> keys =
      train.exists() ? train.members() : std::vector<std::pair<std::string, Node>>();
  if (!keys.empty()) {
    const Place place = place_of(train);
    if (!begins_its_line(octets, place)) return {};
    const std::size_t indent = place.column - 1;
    return inserted(octets, place.line,
                    std::string(indent, ' ') + "freeze:\n" + item_text(members, indent + kIndent));
  }
  if (is_section) return appended(octets, "freeze:\n" + item_text(members, kIndent));
  return appended(octets,
                  "train:\n" + std::string(kIndent, ' ') + "freeze:\n" + item_text(members, 2 * kIndent));
}

Json freezes_in(const Node& root, Holder holder) {
  const Node list = holder == Holder::train_yaml ? root["freeze"] : root["train"]["freeze"];
  return list.is_list() ? list.to_json() : Json::array();
}

// Nothing else has changed: the other members are the same, and the list has one more at its front.
bool says_the_same(const Node& before, const Node& after, Holder holder) {
  const Json old_list = freezes_in(before, holder);
  const Json new_list = freezes_in(after, holder);
  if (new_list.items().size() != old_list.items().size() + 1) return false;
  for (std::size_t i = 0; i < old_list.items().size(); ++i) {
    if (new_list.items()[i + 1].canonical() != old_list.items()[i].canonical()) return false;
  }
  const auto without_list = [holder](const Node& root) {
    Json out = root.is_map() ? root.to_json() : Json::object();
    if (holder == Holder::train_yaml) {
      out.set("freeze", Json());
    } else {
      Json train = out["train"].is_object() ? out["train"] : Json::object();
      train.set("freeze", Json());
      out.set("train", std::move(train));
    }
    return out.canonical();
  };
  return without_list(before) == without_list(after);
}

}  // namespace

Result<std::string> add_freeze(std::string_view octets, Holder holder, const FreezeMembers& members) {
  const auto by_hand = [&] {
    return fail(ErrorKind::conflict, "the file has no place for the freeze that is certain",
                "add it by hand, under freeze:\n" + item_text(members, 2 * kIndent));
  };
  SIGNALBOX_TRY(const Node before, config::parse_yaml(octets, "the configuration"));
  std::string out = edited(octets, before, holder, members);
  if (out.empty()) return by_hand();
  const auto after = config::parse_yaml(out, "the configuration");
  if (!after || !says_the_same(before, *after, holder)) return by_hand();
  return out;
}

}  // namespace signalbox::train::schedule
