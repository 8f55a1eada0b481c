#include <future>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/parallel.hpp"
#include "core/base/text.hpp"
#include "instruments/train/commands.hpp"
#include "instruments/train/plan_report.hpp"
#include "instruments/train/series_notes.hpp"

namespace signalbox::train {
namespace {

NotesForm form_of(std::string_view format) {
  if (format == "keepachangelog") return NotesForm::keep_a_changelog;
  if (format == "github") return NotesForm::github;
  return NotesForm::plain;
}

HistoryQuery::Shallow shallow_of(const cli::Arguments& arguments) {
  return arguments.has("--allow-shallow") ? HistoryQuery::Shallow::allow : HistoryQuery::Shallow::refuse;
}

Result<ReleaseNotes> waiting(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Plan plan, read_plan(arguments, context));
  return notes_of(plan);
}

std::int64_t time_of(const std::vector<git::Commit>& commits, const std::string& id) {
  for (const git::Commit& commit : commits) {
    if (commit.id == id) return commit.committer_time_s;
  }
  return commits.empty() ? 0 : commits.front().committer_time_s;
}

// The release that TAG names: what it holds and no lower version does.
Result<ReleaseNotes> of_tag(const git::Repository& repository, const Release& wanted,
                            const Settings& settings, HistoryQuery::Shallow shallow) {
  SIGNALBOX_TRY(const Series series, read_series(repository, wanted.package, wanted.commit, shallow));
  std::vector<std::string> range = {wanted.commit};
  std::string previous;
  for (const Release& release : series.releases) {
    if (release.tag == wanted.tag) break;
    range.push_back("^" + release.commit);
    previous = release.tag;
  }
  SIGNALBOX_TRY(const Commits read, read_commits(repository, range));
  return ReleaseNotes{wanted.version.text(), wanted.tag, previous, time_of(read.commits, wanted.commit),
                      make_manifest(read.commits, read.total, settings)};
}

Result<ReleaseNotes> named(const std::string& name, const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const git::Repository repository, open_repository(context.workspace));
  SIGNALBOX_TRY(const Settings settings, read_settings(context.workspace));
  SIGNALBOX_TRY(const std::vector<git::Tag> tags, repository.tags());
  for (const git::Tag& tag : tags) {
    const auto release = parse_release_tag(tag.name, tag.commit);
    if (release && tag.name == name && !tag.commit.empty())
      return of_tag(repository, *release, settings, shallow_of(arguments));
  }
  if (name.find("..") == std::string::npos) {
    SIGNALBOX_CHECK(repository.resolve(name));
    return fail(ErrorKind::bad_input, fmt::format("{} is no release", printable(name)),
                fmt::format("a range tells what of: v1.2.0..{}", printable(name)));
  }
  SIGNALBOX_TRY(const Commits read, read_commits(repository, {name}, shown_as_progress(context)));
  return ReleaseNotes{name, "", "", time_of(read.commits, ""),
                      make_manifest(read.commits, read.total, settings)};
}

Result<cli::Outcome> prepend(const std::string& file, const ReleaseNotes& notes, const std::string& text) {
  auto old = read_file(file);
  if (!old && old.error().kind != ErrorKind::not_found) return fail(std::move(old).error());
  const std::string changelog = old ? *old : std::string("# Changelog\n");
  auto changed = prepend_notes(changelog, notes.version, text);
  if (!changed && changed.error().kind == ErrorKind::bad_input) {
    const std::string patch = file + ".patch";
    SIGNALBOX_CHECK(write_file_atomically(
        patch, notes_patch(changelog, std::filesystem::path(file).filename().string(), text)));
    return fail(ErrorKind::bad_input, fmt::format("{}:{}", file, changed.error().message),
                fmt::format("{}; the notes are in {}", changed.error().hint, patch));
  }
  if (!changed) return fail_in(file, std::move(changed).error());
  SIGNALBOX_CHECK(write_file_atomically(file, *changed));
  return cli::Outcome(cli::Artifact{
      fmt::format("{}: {}, {} passengers\n", file, notes.version, notes.manifest.aboard()), Verdict::none});
}

// What one release comes to in the answer.
struct Told {
  std::string text;  // or
  Json json;
  std::uint64_t commits = 0;
};

Told told_of(const ReleaseNotes& notes, const std::string& format) {
  Told out;
  out.commits = notes.manifest.aboard() + notes.manifest.excluded.size();
  if (format == "json") {
    out.json = to_json(notes);
  } else {
    append_notes(notes, form_of(format), out.text);
  }
  return out;
}

std::string joined(std::vector<Told> all, const std::string& format) {
  if (format == "json") {
    Json list = Json::array();
    for (Told& told : all) list.push_back(std::move(told.json));
    return Json::object({{"releases", std::move(list)}}).pretty() + "\n";
  }
  std::size_t size = 0;
  for (const Told& told : all) size += told.text.size() + 1;
  std::string out;
  out.reserve(size);
  for (const Told& told : all) {
    if (!out.empty()) out += '\n';
    out += told.text;
  }
  return out;
}

// Every release of the series, and what waits.
Result<cli::Outcome> run_all(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const git::Repository repository, open_repository(context.workspace));
  SIGNALBOX_TRY(const Settings settings, read_settings(context.workspace));
  SIGNALBOX_TRY(const std::string head, repository.resolve(arguments.get_or("--head", "HEAD")));
  if (repository.is_shallow() && shallow_of(arguments) == HistoryQuery::Shallow::refuse) {
    return fail(ErrorKind::unavailable, "this clone is shallow: it lacks most of its history",
                "git fetch --unshallow --tags, or --allow-shallow to tell of what is here");
  }
  WholeHistoryQuery query;
  query.cache = history_cache(context.workspace);
  query.on_commits_read = [&](std::uint64_t read) { context.progress.update(read, 0, "commits"); };
  auto known = std::async(std::launch::async, [&] { return open_history_cache(repository, query.cache); });
  const auto package = arguments.get("--package");
  SIGNALBOX_TRY(const Series series,
                read_series(repository, package ? package : settings.package, head, shallow_of(arguments)));
  query.tips = {head};
  for (const Release& release : series.releases) query.tips.push_back(release.commit);
  SIGNALBOX_TRY(WholeHistory history, WholeHistory::read(repository, query, known.get()));
  const SeriesNotes notes(history, series.releases, settings);
  const std::string format = arguments.get_or("--format", "md");
  std::vector<Told> all(notes.size());
  for_each_in_parallel(all.size(), [&](std::size_t i) { all[i] = told_of(notes.at(i), format); });
  std::uint64_t told = 0;
  for (const Told& one : all) told += one.commits;
  SIGNALBOX_TRY(const std::uint64_t total, history.total());
  context.say(fmt::format("{} commits {} {} in the notes and exclusions of {} releases", total,
                          total == told ? "=" : "≠", told, series.releases.size()));
  if (total != told) context.say("error: commits are lost");
  return cli::Outcome(
      cli::Artifact{joined(std::move(all), format), total == told ? Verdict::none : Verdict::fail});
}

Result<cli::Outcome> run_one(const ReleaseNotes& notes, const cli::Arguments& arguments,
                             cli::Context& context) {
  const bool is_complete = notes.manifest.is_complete();
  if (!is_complete)
    context.say(fmt::format("error: commits are lost in {}: {}", notes.version, notes.manifest.proof()));
  const std::string format = arguments.get_or("--format", "md");
  if (const auto file = arguments.get("--prepend")) {
    if (!is_complete) return fail(ErrorKind::internal, notes.manifest.proof());
    return prepend(*file, notes,
                   write_notes(notes, format == "md" ? NotesForm::keep_a_changelog : form_of(format)));
  }
  std::vector<Told> one;
  one.push_back(told_of(notes, format));
  return cli::Outcome(
      cli::Artifact{joined(std::move(one), format), is_complete ? Verdict::none : Verdict::fail});
}

Result<cli::Outcome> run_notes(const cli::Arguments& arguments, cli::Context& context) {
  const auto name = arguments.positional(0);
  if (arguments.has("--all")) {
    if (name) return fail(ErrorKind::bad_input, "--all tells of every release: leave out " + *name);
    if (arguments.has("--prepend"))
      return fail(ErrorKind::bad_input, "--prepend takes the notes of one release");
    return run_all(arguments, context);
  }
  SIGNALBOX_TRY(const ReleaseNotes notes,
                name ? named(*name, arguments, context) : waiting(arguments, context));
  return run_one(notes, arguments, context);
}

}  // namespace

cli::Command notes_command() {
  cli::Command command;
  command.name = "notes";
  command.summary = "Write release notes of what waits, of a release or of all";
  command.details =
      "Without an argument: what came since the last release, under the next version. Notes are a pure "
      "function "
      "of the commits: made twice they are the same.\n\n"
      "--prepend puts them into a changelog, in front of the newest version and between markers; made again "
      "for "
      "the same version they replace themselves. What people wrote stays as it is.";
  command.options = plan_options();
  command.options.push_back({.name = "--all", .help = "every release of the series"});
  command.options.push_back({.name = "--prepend", .value = "FILE", .help = "put them into this changelog"});
  command.positionals = {{"RELEASE", "a tag like v1.2.0, or a range", cli::Positional::Count::optional}};
  command.formats = {"md", "keepachangelog", "github", "json"};
  command.run = run_notes;
  return command;
}

}  // namespace signalbox::train
