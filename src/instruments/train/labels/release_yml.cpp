#include "instruments/train/labels/release_yml.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/config/config.hpp"

namespace signalbox::train {
namespace {

using config::Node;

bool contains(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool shares_label(const std::vector<std::string>& wanted, const PullRequest& request) {
  return std::any_of(request.labels.begin(), request.labels.end(),
                     [&](const std::string& label) { return contains(wanted, to_lower(label)); });
}

Result<std::vector<std::string>> labels_of(const Node& node) {
  if (!node.exists()) return std::vector<std::string>();
  SIGNALBOX_TRY(std::vector<std::string> labels, node.texts());
  for (std::string& label : labels) label = to_lower(label);
  return labels;
}

Result<RequestFilter> parse_filter(const Node& node) {
  RequestFilter out;
  if (!node.exists()) return out;
  if (!node.is_map()) return node.wrong("labels, authors or both are expected");
  SIGNALBOX_TRY(out.labels, labels_of(node["labels"]));
  if (const Node authors = node["authors"]; authors.exists()) {
    SIGNALBOX_TRY(out.authors, authors.texts());
  }
  for (std::string& author : out.authors) author = login_of(author);
  return out;
}

Result<NotesCategory> parse_category(const Node& node) {
  NotesCategory out;
  if (!node.is_map()) return node.wrong("a category with title and labels is expected");
  SIGNALBOX_TRY(const std::string title, node["title"].text());
  out.title = printable(title);
  std::replace(out.title.begin(), out.title.end(), '\n', ' ');
  SIGNALBOX_TRY(out.labels, labels_of(node["labels"]));
  if (out.labels.empty())
    return node.wrong("a category without labels takes nothing", "labels: [\"*\"] takes the rest");
  SIGNALBOX_TRY(out.exclude, parse_filter(node["exclude"]));
  return out;
}

}  // namespace

Result<NotesRules> parse_release_yml(std::string_view octets, std::string name) {
  SIGNALBOX_TRY(const Node document, config::parse_yaml(octets, std::move(name)));
  const Node changelog = document["changelog"];
  NotesRules out;
  if (!changelog.exists()) return out;
  if (!changelog.is_map()) return changelog.wrong("exclude, categories or both are expected");
  SIGNALBOX_TRY(out.exclude, parse_filter(changelog["exclude"]));
  const Node categories = changelog["categories"];
  if (categories.exists() && !categories.is_list())
    return categories.wrong("a list of categories is expected");
  for (const Node& category : categories.items()) {
    SIGNALBOX_TRY(NotesCategory parsed, parse_category(category));
    out.categories.push_back(std::move(parsed));
  }
  return out;
}

bool has_label(const RequestFilter& filter, const PullRequest& request) {
  return shares_label(filter.labels, request);
}

bool has_author(const RequestFilter& filter, const PullRequest& request) {
  return contains(filter.authors, request.author);
}

std::optional<std::size_t> category_of(const NotesRules& rules, const PullRequest& request) {
  for (std::size_t i = 0; i < rules.categories.size(); ++i) {
    const NotesCategory& category = rules.categories[i];
    if (!contains(category.labels, "*") && !shares_label(category.labels, request)) continue;
    if (!has_label(category.exclude, request) && !has_author(category.exclude, request)) return i;
  }
  return std::nullopt;
}

}  // namespace signalbox::train
