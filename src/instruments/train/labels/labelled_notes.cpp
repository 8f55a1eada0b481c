#include "instruments/train/labels/labelled_notes.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

// What the manifest says of a commit.
struct Told {
  const Passenger* passenger = nullptr;
  std::optional<Exclusion> rule;
};

std::unordered_map<std::string_view, Told> index_of(const Manifest& manifest) {
  std::unordered_map<std::string_view, Told> out;
  for (const Section& section : manifest.sections) {
    for (const Passenger& passenger : section.passengers) out[passenger.id] = {&passenger, std::nullopt};
  }
  for (const Excluded& item : manifest.excluded) out[item.commit.id] = {&item.commit, item.rule};
  return out;
}

// "feat: a (#12)" without its number.
std::string_view without_number(std::string_view header) {
  const std::size_t open = header.ends_with(')') ? header.rfind(" (#") : std::string_view::npos;
  return open == std::string_view::npos ? header : trim(header.substr(0, open));
}

// What a request is called where the export does not say: the line below "Merge pull request #12 from …", or
// the header of the commit that it was squashed into.
std::string title_by_commit(const git::Commit& commit) {
  const Message message = parse_message(commit.message);
  std::string_view title = without_number(message.header);
  if (message.kind == MessageKind::merge) {
    const std::string_view body = trim(message.body);
    if (!body.empty()) title = body.substr(0, body.find('\n'));
  }
  std::string out = printable(trim(title));
  std::replace(out.begin(), out.end(), '\t', ' ');
  return out;
}

// The commits that came with one request, by their places, newest first.
struct Group {
  std::uint64_t number = 0;
  std::vector<std::size_t> places;
};

std::vector<Group> groups_of(const std::vector<git::Commit>& commits) {
  const std::vector<std::uint64_t> numbers = requests_of(commits);
  std::vector<Group> groups;
  std::map<std::uint64_t, std::size_t> by_number;
  for (std::size_t i = 0; i < commits.size(); ++i) {
    const auto known = numbers[i] == 0 ? by_number.end() : by_number.find(numbers[i]);
    if (known != by_number.end()) {
      groups[known->second].places.push_back(i);
      continue;
    }
    if (numbers[i] != 0) by_number[numbers[i]] = groups.size();
    groups.push_back({numbers[i], {i}});
  }
  return groups;
}

// Sorts groups into sections and what is left out.
class Sorter {
 public:
  Sorter(const Manifest& manifest, const std::vector<git::Commit>& commits, const PullRequests& requests,
         const NotesRules& rules, LabelledNotes& out)
      : told_(index_of(manifest)), commits_(commits), requests_(requests), rules_(rules), out_(out) {
    for (const NotesCategory& category : rules.categories) sections_.push_back({category.title, {}});
    sections_.push_back({rules.categories.empty() ? std::string() : std::string(kOtherChanges), {}});
  }

  void sort(const Group& group) {
    const auto request = requests_.find(group.number);
    const bool is_known = request != requests_.end();
    if (!is_told_of(group, is_known)) return leave_out(group, "");
    if (group.number != 0 && !is_known) out_.unknown.push_back(group.number);
    const PullRequest labels = is_known ? request->second : PullRequest();
    if (has_label(rules_.exclude, labels)) return leave_out(group, "label");
    if (is_known && has_author(rules_.exclude, labels)) return leave_out(group, "author");
    const auto category = category_of(rules_, labels);
    sections_[category.value_or(rules_.categories.size())].entries.push_back(
        entry_of(group, is_known ? &request->second : nullptr));
  }

  void finish() {
    for (LabelledSection& section : sections_) {
      if (!section.entries.empty()) out_.sections.push_back(std::move(section));
    }
    std::sort(out_.unknown.begin(), out_.unknown.end());
  }

 private:
  Told told_of(std::size_t place) const {
    const auto found = told_.find(commits_[place].id);
    return found == told_.end() ? Told() : found->second;
  }

  // Labels speak for what a type would leave out; nothing speaks for what was taken back.
  bool is_told_of(const Group& group, bool is_known) const {
    bool merges_alone = true;
    for (const std::size_t place : group.places) {
      const Told told = told_of(place);
      if (!told.rule) return true;
      if (*told.rule == Exclusion::routine && is_known) return true;
      merges_alone = merges_alone && *told.rule == Exclusion::merge;
    }
    return merges_alone && is_known;
  }

  // `rule` empty: each commit by the manifest's own.
  void leave_out(const Group& group, std::string_view rule) {
    for (const std::size_t place : group.places) {
      const Told told = told_of(place);
      out_.left_out.push_back({commits_[place].id, rule.empty() && told.rule
                                                       ? std::string(name_of(*told.rule))
                                                       : std::string(rule)});
    }
  }

  LabelledEntry entry_of(const Group& group, const PullRequest* request) const {
    LabelledEntry entry;
    entry.number = group.number;
    const git::Commit& first = commits_[group.places.front()];
    const Told told = told_of(group.places.front());
    entry.title = request != nullptr ? request->title : title_by_commit(first);
    if (entry.title.empty()) entry.title = "(no message)";
    entry.author = told.passenger != nullptr ? told.passenger->author : printable(first.author.name);
    if (request != nullptr) {
      entry.url = request->url;
      if (!request->author.empty()) {
        entry.author = request->author;
        entry.author_is = LabelledEntry::Author::login;
      }
    }
    for (const std::size_t place : group.places) entry.commits.push_back(commits_[place].id);
    return entry;
  }

  std::unordered_map<std::string_view, Told> told_;
  const std::vector<git::Commit>& commits_;
  const PullRequests& requests_;
  const NotesRules& rules_;
  LabelledNotes& out_;
  std::vector<LabelledSection> sections_;
};

std::string reference_of(const LabelledEntry& entry) {
  return entry.number == 0 ? entry.commits.front().substr(0, 7) : fmt::format("#{}", entry.number);
}

void append_entry(const LabelledEntry& entry, NotesForm form, std::string& out) {
  const bool is_login = entry.author_is == LabelledEntry::Author::login;
  out += form == NotesForm::github ? "* " : "- ";
  append_inline(entry.title, out);
  out += form == NotesForm::github ? " by " : " (";
  if (form == NotesForm::github) {
    if (is_login) out += '@';
    append_inline(entry.author, out);
    out += " in " + (entry.url.empty() ? reference_of(entry) : entry.url) + "\n";
    return;
  }
  out += reference_of(entry) + ", ";
  append_inline(entry.author, out);
  out += ")\n";
}

}  // namespace

std::uint64_t LabelledNotes::told() const {
  std::uint64_t count = 0;
  for (const LabelledSection& section : sections) {
    for (const LabelledEntry& entry : section.entries) count += entry.commits.size();
  }
  return count;
}

std::string LabelledNotes::proof() const {
  return fmt::format("{} {} {} in entries + {} left out by rule", counted(total, "commit"),
                     is_complete() ? "=" : "≠", told(), left_out.size());
}

std::vector<std::uint64_t> requests_of(const std::vector<git::Commit>& commits) {
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < commits.size(); ++i) places[commits[i].id] = i;
  const auto place_of = [&](const std::string& id) {
    const auto found = places.find(id);
    return found == places.end() ? commits.size() : found->second;
  };
  std::vector<std::size_t> main_line;  // newest first
  std::vector<bool> taken(commits.size(), false);
  for (std::size_t at = 0; at < commits.size();) {
    main_line.push_back(at);
    taken[at] = true;
    at = commits[at].parents.empty() ? commits.size() : place_of(commits[at].parents.front());
  }
  std::vector<std::uint64_t> out(commits.size(), 0);
  for (std::size_t i = 0; i < commits.size(); ++i)
    out[i] = pull_request_of(parse_message(commits[i].message));
  for (auto merge = main_line.rbegin(); merge != main_line.rend(); ++merge) {
    std::vector<std::size_t> open = {*merge};
    while (!open.empty()) {
      const git::Commit& commit = commits[open.back()];
      const bool is_on_line = open.back() == *merge;
      open.pop_back();
      for (std::size_t i = is_on_line ? 1 : 0; i < commit.parents.size(); ++i) {
        const std::size_t place = place_of(commit.parents[i]);
        if (place == commits.size() || taken[place]) continue;
        taken[place] = true;
        if (out[*merge] != 0) out[place] = out[*merge];
        open.push_back(place);
      }
    }
  }
  return out;
}

LabelledNotes label_notes(const ReleaseNotes& notes, const std::vector<git::Commit>& commits,
                          const PullRequests& requests, const NotesRules& rules) {
  LabelledNotes out;
  out.version = notes.version;
  out.tag = notes.tag;
  out.previous_tag = notes.previous_tag;
  out.time_s = notes.time_s;
  out.total = notes.manifest.total;
  Sorter sorter(notes.manifest, commits, requests, rules, out);
  for (const Group& group : groups_of(commits)) sorter.sort(group);
  sorter.finish();
  return out;
}

std::string write_labelled(const LabelledNotes& notes, NotesForm form) {
  std::string out = heading_of(notes.version, notes.time_s, form);
  for (const LabelledSection& section : notes.sections) {
    out += '\n';
    if (!section.title.empty()) {
      out += "### ";
      append_inline(section.title, out);
      out += "\n\n";
    }
    for (const LabelledEntry& entry : section.entries) append_entry(entry, form, out);
  }
  if (notes.sections.empty()) out += "\nNothing that readers of notes need to know.\n";
  if (form == NotesForm::github && !notes.previous_tag.empty() && !notes.tag.empty())
    out += fmt::format("\n**Full changelog**: {}...{}\n", notes.previous_tag, notes.tag);
  out += fmt::format("\n<!-- {} -->\n", notes.proof());
  return out;
}

Json to_json(const LabelledNotes& notes) {
  Json sections = Json::array();
  for (const LabelledSection& section : notes.sections) {
    Json entries = Json::array();
    for (const LabelledEntry& entry : section.entries) {
      Json commits = Json::array();
      for (const std::string& id : entry.commits) commits.push_back(id);
      entries.push_back(Json::object({{"pull_request", entry.number == 0 ? Json() : Json(entry.number)},
                                      {"title", entry.title},
                                      {"author", entry.author},
                                      {"url", entry.url},
                                      {"commits", std::move(commits)}}));
    }
    sections.push_back(Json::object({{"title", section.title}, {"entries", std::move(entries)}}));
  }
  Json left_out = Json::array();
  for (const LeftOut& item : notes.left_out)
    left_out.push_back(Json::object({{"id", item.commit}, {"rule", item.rule}}));
  Json unknown = Json::array();
  for (const std::uint64_t number : notes.unknown) unknown.push_back(number);
  return Json::object(
      {{"version", notes.version},
       {"tag", notes.tag},
       {"previous_tag", notes.previous_tag},
       {"commits",
        Json::object({{"total", notes.total}, {"told", notes.told()}, {"left_out", notes.left_out.size()}})},
       {"sections", std::move(sections)},
       {"left_out", std::move(left_out)},
       {"unknown_pull_requests", std::move(unknown)}});
}

}  // namespace signalbox::train
