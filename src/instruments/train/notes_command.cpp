#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/train/commands.hpp"
#include "instruments/train/plan_report.hpp"

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

Result<std::vector<ReleaseNotes>> waiting(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Plan plan, read_plan(arguments, context));
  return std::vector<ReleaseNotes>{notes_of(plan)};
}

// Commits sorted into the releases that hold them first; those in none come last in `out`.
struct Shelves {
  std::vector<std::vector<git::Commit>> releases;
  std::vector<git::Commit> unreleased;
};

Shelves sort_into(const Series& series, std::vector<git::Commit> commits) {
  Graph graph;
  for (const git::Commit& commit : commits) graph.add(commit.id, commit.parents);
  const std::vector<std::uint32_t> holder = assign_releases(graph, series.releases);
  Shelves out;
  out.releases.resize(series.releases.size());
  for (git::Commit& commit : commits) {
    const std::uint32_t release = holder[*graph.find(commit.id)];
    (release == kUnreleased ? out.unreleased : out.releases[release]).push_back(std::move(commit));
  }
  return out;
}

std::int64_t time_of(const std::vector<git::Commit>& commits, const std::string& id) {
  for (const git::Commit& commit : commits) {
    if (commit.id == id) return commit.committer_time_s;
  }
  return commits.empty() ? 0 : commits.front().committer_time_s;
}

// Notes of every release and of what waits, newest version first. A commit is told of once, in the lowest
// version that holds it.
Result<std::vector<ReleaseNotes>> whole_history(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const git::Repository repository, open_repository(context.workspace));
  SIGNALBOX_TRY(const Settings settings, read_settings(context.workspace));
  SIGNALBOX_TRY(const std::string head, repository.resolve(arguments.get_or("--head", "HEAD")));
  if (repository.is_shallow() && shallow_of(arguments) == HistoryQuery::Shallow::refuse) {
    return fail(ErrorKind::unavailable, "this clone is shallow: it lacks most of its history",
                "git fetch --unshallow --tags, or --allow-shallow to tell of what is here");
  }
  const auto package = arguments.get("--package");
  SIGNALBOX_TRY(const Series series,
                read_series(repository, package ? package : settings.package, head, shallow_of(arguments)));
  std::vector<std::string> range = {head};
  for (const Release& release : series.releases) range.push_back(release.commit);
  SIGNALBOX_TRY(Commits read, read_commits(repository, range, shown_as_progress(context)));
  Shelves shelves = sort_into(series, std::move(read.commits));
  std::vector<ReleaseNotes> out;
  const auto add = [&](std::vector<git::Commit>& commits, std::string version, std::string tag,
                       std::int64_t time_s) {
    out.push_back(
        {std::move(version), std::move(tag), "", time_s, make_manifest(commits, commits.size(), settings)});
  };
  if (!shelves.unreleased.empty()) add(shelves.unreleased, "Unreleased", "", 0);
  for (std::size_t i = series.releases.size(); i > 0; --i) {
    const Release& release = series.releases[i - 1];
    add(shelves.releases[i - 1], release.version.text(), release.tag,
        time_of(shelves.releases[i - 1], release.commit));
    if (i > 1) out.back().previous_tag = series.releases[i - 2].tag;
  }
  std::uint64_t told = 0;
  for (const ReleaseNotes& notes : out) told += notes.manifest.aboard() + notes.manifest.excluded.size();
  context.say(fmt::format("{} commits {} {} in the notes and exclusions of {} releases", read.total,
                          read.total == told ? "=" : "≠", told, series.releases.size()));
  if (read.total != told && !out.empty()) out.front().manifest.total += read.total - told;
  return out;
}

// The release that TAG names: what it holds and no lower version does.
Result<std::vector<ReleaseNotes>> of_tag(const git::Repository& repository, const Release& wanted,
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
  return std::vector<ReleaseNotes>{{wanted.version.text(), wanted.tag, previous,
                                    time_of(read.commits, wanted.commit),
                                    make_manifest(read.commits, read.total, settings)}};
}

Result<std::vector<ReleaseNotes>> named(const std::string& name, const cli::Arguments& arguments,
                                        cli::Context& context) {
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
  return std::vector<ReleaseNotes>{
      {name, "", "", time_of(read.commits, ""), make_manifest(read.commits, read.total, settings)}};
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

std::string rendered(const std::vector<ReleaseNotes>& all, const std::string& format) {
  std::string out;
  if (format == "json") {
    Json list = Json::array();
    for (const ReleaseNotes& notes : all) list.push_back(to_json(notes));
    return Json::object({{"releases", std::move(list)}}).pretty() + "\n";
  }
  for (const ReleaseNotes& notes : all)
    out += (out.empty() ? "" : "\n") + write_notes(notes, form_of(format));
  return out;
}

Result<cli::Outcome> run_notes(const cli::Arguments& arguments, cli::Context& context) {
  const auto name = arguments.positional(0);
  if (name && arguments.has("--all"))
    return fail(ErrorKind::bad_input, "--all tells of every release: leave out " + *name);
  SIGNALBOX_TRY(const std::vector<ReleaseNotes> all, arguments.has("--all")
                                                         ? whole_history(arguments, context)
                                                     : name ? named(*name, arguments, context)
                                                            : waiting(arguments, context));
  Verdict verdict = Verdict::none;
  for (const ReleaseNotes& notes : all) {
    if (notes.manifest.is_complete()) continue;
    verdict = Verdict::fail;
    context.say(fmt::format("error: commits are lost in {}: {}", notes.version, notes.manifest.proof()));
  }
  const std::string format = arguments.get_or("--format", "md");
  if (const auto file = arguments.get("--prepend")) {
    if (all.size() != 1) return fail(ErrorKind::bad_input, "--prepend takes the notes of one release");
    if (verdict == Verdict::fail) return fail(ErrorKind::internal, all.front().manifest.proof());
    return prepend(*file, all.front(),
                   write_notes(all.front(), format == "md" ? NotesForm::keep_a_changelog : form_of(format)));
  }
  return cli::Outcome(cli::Artifact{rendered(all, format), verdict});
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
