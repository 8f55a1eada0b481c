// `evidence log export`: a log as static files.
#include <cstdio>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/server_log.hpp"
#include "core/base/file.hpp"
#include "core/evidence/ledger_import.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
namespace fs = std::filesystem;

// A file for its owner alone from its first octet on. It takes its place once it is whole and durable; else
// nothing of it is left.
class GrowingFile {
 public:
  explicit GrowingFile(fs::path place) : place_(std::move(place)), growing_(place_.string() + ".part") {}
  ~GrowingFile() {
    file_.reset();
    ::unlink(growing_.c_str());
  }
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  Status open() {
    ::unlink(growing_.c_str());
    FileDescriptor made(::open(growing_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made) return failed();
    file_.reset(::fdopen(made.get(), "w"));
    if (!file_) return failed();
    made.release();
    return {};
  }
  Status write(std::string_view octets) {
    return std::fwrite(octets.data(), 1, octets.size(), file_.get()) == octets.size() ? Status() : failed();
  }
  Status finish() {
    if (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0) return failed();
    return std::rename(growing_.c_str(), place_.c_str()) == 0 ? Status() : failed();
  }

 private:
  Status failed() const { return fail(error_from_errno(errno, growing_.string())); }

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  fs::path place_, growing_;
  std::unique_ptr<std::FILE, Close> file_;
};

// Beside the tiles, line by line: a log may have more of them than fit into memory.
Status export_envelopes(const ev::Ledger& ledger, std::uint64_t size, const fs::path& file,
                        cli::Progress& progress) {
  GrowingFile out(file);
  SIGNALBOX_CHECK(out.open());
  for (std::uint64_t index = 0; index < size; ++index) {
    SIGNALBOX_TRY(const ev::Entry entry, ledger.entry(index));
    SIGNALBOX_CHECK(out.write(ev::envelope_line(entry)));
    progress.update(index + 1, size, "envelopes");
  }
  progress.finish();
  return out.finish();
}

Result<cli::Outcome> log_export(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, book_to_read(arguments, context));
  const fs::path folder = arguments.positionals().front();
  SIGNALBOX_TRY(const std::string checkpoint, book.ledger().checkpoint());
  SIGNALBOX_TRY(const ev::Note note, ev::parse_note(checkpoint));
  SIGNALBOX_TRY(const ev::Checkpoint parsed, ev::parse_checkpoint(note.text));
  const std::vector<ev::Tile> tiles = ev::tiles_of(parsed.size);
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    SIGNALBOX_TRY(const std::string octets, book.ledger().tile(tiles[i]));
    SIGNALBOX_CHECK(write_file_atomically(folder / ev::tile_path(tiles[i]), octets));
    if (tiles[i].level == 0) {
      SIGNALBOX_TRY(const std::string entries, book.ledger().entry_bundle(tiles[i]));
      SIGNALBOX_CHECK(write_file_atomically(folder / ev::entries_path(tiles[i]), entries));
    }
    context.progress.update(i + 1, tiles.size(), "tiles");
  }
  context.progress.finish();
  if (arguments.has("--envelopes"))
    SIGNALBOX_CHECK(
        export_envelopes(book.ledger(), parsed.size, folder / ev::kEnvelopesFile, context.progress));
  SIGNALBOX_CHECK(write_file_atomically(folder / "checkpoint", checkpoint));
  Report report;
  report.instrument = "evidence";
  report.title = "Exported " + parsed.origin;
  report.verdict = Verdict::pass;
  report.summary = fmt::format("{} tiles of {} entries in {}", tiles.size(), parsed.size, folder.string());
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command log_export_command() {
  cli::Command command;
  command.name = "export";
  command.summary = "Write the log as static tiles";
  command.details =
      "Tiles and records may be served to everybody. --envelopes writes what the records commit to beside "
      "them, for 'log import': that is for who may read all evidence.";
  command.options = {{.name = "--envelopes", .help = "with the envelopes, in envelopes.jsonl"}};
  for (cli::Option& option : server_options()) command.options.push_back(std::move(option));
  command.positionals = {{"DIR", "folder to write to"}};
  command.run = reading<log_export>;
  return command;
}

}  // namespace signalbox::evidence_command
