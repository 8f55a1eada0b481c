#include "instruments/train/notes.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "core/base/clock.hpp"
#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

using Heading = std::string_view;

// Text of a commit in Markdown: code in backticks stays, elsewhere `<` cannot open HTML. With an odd number
// of backticks none is taken for code.
std::string inline_markdown(std::string_view text) {
  const bool has_code = std::count(text.begin(), text.end(), '`') % 2 == 0;
  bool in_code = false;
  std::string out;
  for (const char c : text) {
    if (c == '`' && has_code) in_code = !in_code;
    if (c == '<' && !in_code) {
      out += "&lt;";
    } else if (c == '`' && !has_code) {
      out += "\\`";
    } else {
      out += c;
    }
  }
  return out;
}

std::string date_of(std::int64_t time_s) {
  return to_rfc3339(Time(std::chrono::seconds(time_s))).substr(0, 10);
}

Heading keep_a_changelog_heading(Section::Kind kind) {
  switch (kind) {
    case Section::Kind::features:
      return "Added";
    case Section::Kind::fixes:
      return "Fixed";
    case Section::Kind::security:
      return "Security";
    case Section::Kind::unclassified:
      return "Unclassified";
    case Section::Kind::breaking:
    case Section::Kind::performance:
    case Section::Kind::reverts:
    case Section::Kind::documentation:
    case Section::Kind::refactoring:
    case Section::Kind::other:
      break;
  }
  return "Changed";
}

std::string entry(const Passenger& passenger, Section::Kind kind, NotesForm form) {
  std::string out = form == NotesForm::github ? "* " : "- ";
  if (form == NotesForm::keep_a_changelog && kind == Section::Kind::breaking) out += "**Breaking.** ";
  if (!passenger.scope.empty()) out += fmt::format("**{}:** ", inline_markdown(passenger.scope));
  out += inline_markdown(passenger.subject);
  const std::string author = inline_markdown(passenger.author);
  if (form == NotesForm::github) {
    out += fmt::format(" by {} in {}\n", author, passenger.short_id());
  } else {
    out += fmt::format(" ({}, {})\n", passenger.short_id(), author);
  }
  if (!passenger.breaking_note.empty() && passenger.breaking_note != passenger.subject)
    out += fmt::format("  - {}\n", inline_markdown(passenger.breaking_note));
  for (const std::string& part : passenger.parts) out += fmt::format("  - {}\n", inline_markdown(part));
  return out;
}

// Headings in their order, each with the entries below it.
std::vector<std::pair<Heading, std::string>> grouped(const Manifest& manifest, NotesForm form) {
  std::vector<std::pair<Heading, std::string>> out;
  if (form == NotesForm::keep_a_changelog)
    out = {{"Added", ""}, {"Changed", ""}, {"Fixed", ""}, {"Security", ""}, {"Unclassified", ""}};
  for (const Section& section : manifest.sections) {
    const Heading heading =
        form == NotesForm::keep_a_changelog ? keep_a_changelog_heading(section.kind) : title_of(section.kind);
    auto place = std::find_if(out.begin(), out.end(), [&](const auto& g) { return g.first == heading; });
    if (place == out.end()) place = out.insert(out.end(), {heading, ""});
    for (const Passenger& passenger : section.passengers)
      place->second += entry(passenger, section.kind, form);
  }
  return out;
}

std::string heading_of(const ReleaseNotes& notes, NotesForm form) {
  if (form == NotesForm::github) return "## What's changed\n";
  const std::string date = notes.time_s == 0 ? std::string() : date_of(notes.time_s);
  if (form == NotesForm::keep_a_changelog) {
    return date.empty() ? fmt::format("## [{}]\n", notes.version)
                        : fmt::format("## [{}] - {}\n", notes.version, date);
  }
  return date.empty() ? fmt::format("## {}\n", notes.version)
                      : fmt::format("## {} ({})\n", notes.version, date);
}

}  // namespace

std::string write_notes(const ReleaseNotes& notes, NotesForm form) {
  std::string out = heading_of(notes, form);
  for (const auto& [heading, entries] : grouped(notes.manifest, form)) {
    if (!entries.empty()) out += fmt::format("\n### {}\n\n{}", heading, entries);
  }
  if (notes.manifest.aboard() == 0) out += "\nNothing that readers of notes need to know.\n";
  if (form == NotesForm::github && !notes.previous_tag.empty() && !notes.tag.empty())
    out += fmt::format("\n**Full changelog**: {}...{}\n", notes.previous_tag, notes.tag);
  out += fmt::format("\n<!-- {} -->\n", notes.manifest.proof());
  return out;
}

Json to_json(const Passenger& passenger) {
  Json out = Json::object({{"id", passenger.id},
                           {"short", passenger.short_id()},
                           {"type", passenger.type},
                           {"scope", passenger.scope},
                           {"subject", passenger.subject},
                           {"author", passenger.author},
                           {"time", to_rfc3339(Time(std::chrono::seconds(passenger.time_s)))},
                           {"breaking", passenger.breaking}});
  if (!passenger.breaking_note.empty()) out.set("breaking_note", passenger.breaking_note);
  if (!passenger.parts.empty()) {
    Json parts = Json::array();
    for (const std::string& part : passenger.parts) parts.push_back(part);
    out.set("parts", std::move(parts));
  }
  return out;
}

Json sections_json(const Manifest& manifest) {
  Json sections = Json::array();
  for (const Section& section : manifest.sections) {
    Json passengers = Json::array();
    for (const Passenger& passenger : section.passengers) passengers.push_back(to_json(passenger));
    sections.push_back(
        Json::object({{"title", title_of(section.kind)}, {"passengers", std::move(passengers)}}));
  }
  return sections;
}

Json commits_json(const Manifest& manifest) {
  return Json::object({{"total", manifest.total},
                       {"classified", manifest.aboard() - manifest.unclassified()},
                       {"excluded", manifest.excluded.size()},
                       {"unclassified", manifest.unclassified()}});
}

Json to_json(const ReleaseNotes& notes) {
  Json excluded = Json::array();
  for (const Excluded& item : notes.manifest.excluded)
    excluded.push_back(Json::object({{"id", item.commit.id}, {"rule", name_of(item.rule)}}));
  return Json::object({{"version", notes.version},
                       {"tag", notes.tag},
                       {"previous_tag", notes.previous_tag},
                       {"date", notes.time_s == 0 ? Json() : Json(date_of(notes.time_s))},
                       {"commits", commits_json(notes.manifest)},
                       {"sections", sections_json(notes.manifest)},
                       {"excluded", std::move(excluded)}});
}

}  // namespace signalbox::train
