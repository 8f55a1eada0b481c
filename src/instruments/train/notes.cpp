#include "instruments/train/notes.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "core/base/clock.hpp"
#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

std::string date_of(std::int64_t time_s) {
  return to_rfc3339(Time(std::chrono::seconds(time_s))).substr(0, 10);
}

constexpr std::array<std::string_view, 5> kKeepAChangelogHeadings = {"Added", "Changed", "Fixed", "Security",
                                                                     "Unclassified"};

std::string_view keep_a_changelog_heading(Section::Kind kind) {
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

void append_item(std::string_view text, std::string& out) {
  out += "  - ";
  append_inline(text, out);
  out += '\n';
}

void append_entry(const Passenger& passenger, Section::Kind kind, NotesForm form, std::string& out) {
  out += form == NotesForm::github ? "* " : "- ";
  if (form == NotesForm::keep_a_changelog && kind == Section::Kind::breaking) out += "**Breaking.** ";
  if (!passenger.scope.empty()) {
    out += "**";
    append_inline(passenger.scope, out);
    out += ":** ";
  }
  append_inline(passenger.subject, out);
  if (form == NotesForm::github) {
    out += " by ";
    append_inline(passenger.author, out);
    out += " in ";
    out += passenger.short_id();
    out += '\n';
  } else {
    out += " (";
    out += passenger.short_id();
    out += ", ";
    append_inline(passenger.author, out);
    out += ")\n";
  }
  if (!passenger.breaking_note.empty() && passenger.breaking_note != passenger.subject)
    append_item(passenger.breaking_note, out);
  for (const std::string& part : passenger.parts) append_item(part, out);
}

void append_heading(std::string_view heading, std::string& out) {
  out += "\n### ";
  out += heading;
  out += "\n\n";
}

void append_section(const Section& section, NotesForm form, std::string& out) {
  for (const Passenger& passenger : section.passengers) append_entry(passenger, section.kind, form, out);
}

// Several sections share a heading there.
void append_as_kept_changelog(const Manifest& manifest, std::string& out) {
  for (const std::string_view heading : kKeepAChangelogHeadings) {
    bool is_open = false;
    for (const Section& section : manifest.sections) {
      if (keep_a_changelog_heading(section.kind) != heading) continue;
      if (!is_open) append_heading(heading, out);
      is_open = true;
      append_section(section, NotesForm::keep_a_changelog, out);
    }
  }
}

}  // namespace

// With an odd number of backticks none is taken for code.
void append_inline(std::string_view text, std::string& out) {
  if (std::none_of(text.begin(), text.end(), [](char c) { return c == '<' || c == '`'; })) {
    out += text;
    return;
  }
  const bool has_code = std::count(text.begin(), text.end(), '`') % 2 == 0;
  bool in_code = false;
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
}

std::string heading_of(const std::string& version, std::int64_t time_s, NotesForm form) {
  if (form == NotesForm::github) return "## What's changed\n";
  const std::string date = time_s == 0 ? std::string() : date_of(time_s);
  if (form == NotesForm::keep_a_changelog)
    return date.empty() ? fmt::format("## [{}]\n", version) : fmt::format("## [{}] - {}\n", version, date);
  return date.empty() ? fmt::format("## {}\n", version) : fmt::format("## {} ({})\n", version, date);
}

void append_notes(const ReleaseNotes& notes, NotesForm form, std::string& out) {
  out += heading_of(notes.version, notes.time_s, form);
  if (form == NotesForm::keep_a_changelog) {
    append_as_kept_changelog(notes.manifest, out);
  } else {
    for (const Section& section : notes.manifest.sections) {
      append_heading(title_of(section.kind), out);
      append_section(section, form, out);
    }
  }
  if (notes.manifest.sections.empty()) out += "\nNothing that readers of notes need to know.\n";
  if (form == NotesForm::github && !notes.previous_tag.empty() && !notes.tag.empty())
    out += fmt::format("\n**Full changelog**: {}...{}\n", notes.previous_tag, notes.tag);
  out += fmt::format("\n<!-- {} -->\n", notes.manifest.proof());
}

std::string write_notes(const ReleaseNotes& notes, NotesForm form) {
  std::string out;
  append_notes(notes, form, out);
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
