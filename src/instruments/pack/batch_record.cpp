#include "instruments/pack/batch_record.hpp"

#include <atomic>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/parallel.hpp"
#include "core/base/version.hpp"
#include "core/recording/recording.hpp"
#include "core/recording/subjects.hpp"
#include "instruments/pack/check/checker.hpp"

namespace signalbox::pack {
namespace {

Result<std::string> digest_of_file(const std::string& file) {
  if (file == "-")
    return fail(ErrorKind::bad_input, "--record: what was planned must be a file, so that it can be named");
  SIGNALBOX_TRY(const std::string octets, read_file(file));
  return to_hex(sha256(octets));
}

}  // namespace

std::int64_t count_unverified(std::span<const PlanDocument> documents) {
  std::atomic<std::int64_t> out = 0;
  for_each_in_parallel(documents.size(), [&](std::size_t i) {
    const auto again = read_plan_document(to_json(documents[i]).dump(), "the plan");
    if (!again || !check_plan(again->order, again->boxes, again->plan, again->support).empty()) ++out;
  });
  return out;
}

Status record_batch(const cli::Arguments& arguments, const cli::Context& context, BatchEvidence found,
                    Report& report) {
  evidence::Statement statement;
  SIGNALBOX_TRY(statement.subjects, recording::subjects_of(arguments.all("--subject"), context.workspace));
  SIGNALBOX_TRY(found.orders_digest, digest_of_file(*arguments.positional(0)));
  SIGNALBOX_TRY(found.boxes_digest, digest_of_file(arguments.get_or("--boxes", "-")));
  statement.subjects.push_back({"orders", {{"sha256", found.orders_digest}}});
  statement.subjects.push_back({"boxes", {{"sha256", found.boxes_digest}}});
  statement.predicate_type = kBatchPredicate;
  statement.predicate = predicate_of(found, version());
  return recording::record_statement(std::move(statement), context, report);
}

}  // namespace signalbox::pack
