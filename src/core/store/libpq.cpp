#include "core/store/libpq.hpp"

#include <fmt/core.h>

#include "core/base/shared_library.hpp"

namespace signalbox::store {
namespace {

constexpr const char* kLibrary = "libpq.so.5";
constexpr const char* kHint = "install PostgreSQL's client library: apt-get install libpq5";

}  // namespace

Result<Libpq> open_libpq(const char* file) {
  void* const library = open_shared_library(file);
  if (library == nullptr)
    return fail(ErrorKind::unavailable, fmt::format("a PostgreSQL store needs {}, which is not here", file),
                kHint);
  Libpq out;
  const bool complete =
      find_function(library, "PQconnectStartParams", out.PQconnectStartParams) &&
      find_function(library, "PQconnectPoll", out.PQconnectPoll) &&
      find_function(library, "PQconnectionNeedsPassword", out.PQconnectionNeedsPassword) &&
      find_function(library, "PQconninfoParse", out.PQconninfoParse) &&
      find_function(library, "PQconninfoFree", out.PQconninfoFree) &&
      find_function(library, "PQfinish", out.PQfinish) &&
      find_function(library, "PQfreemem", out.PQfreemem) &&
      find_function(library, "PQsocket", out.PQsocket) && find_function(library, "PQstatus", out.PQstatus) &&
      find_function(library, "PQtransactionStatus", out.PQtransactionStatus) &&
      find_function(library, "PQserverVersion", out.PQserverVersion) &&
      find_function(library, "PQerrorMessage", out.PQerrorMessage) &&
      find_function(library, "PQsetErrorVerbosity", out.PQsetErrorVerbosity) &&
      find_function(library, "PQsetNoticeProcessor", out.PQsetNoticeProcessor) &&
      find_function(library, "PQexec", out.PQexec) && find_function(library, "PQprepare", out.PQprepare) &&
      find_function(library, "PQsendQueryParams", out.PQsendQueryParams) &&
      find_function(library, "PQsendQueryPrepared", out.PQsendQueryPrepared) &&
      find_function(library, "PQsetSingleRowMode", out.PQsetSingleRowMode) &&
      find_function(library, "PQenterPipelineMode", out.PQenterPipelineMode) &&
      find_function(library, "PQexitPipelineMode", out.PQexitPipelineMode) &&
      find_function(library, "PQpipelineSync", out.PQpipelineSync) &&
      find_function(library, "PQgetResult", out.PQgetResult) &&
      find_function(library, "PQresultStatus", out.PQresultStatus) &&
      find_function(library, "PQresultErrorField", out.PQresultErrorField) &&
      find_function(library, "PQcmdStatus", out.PQcmdStatus) &&
      find_function(library, "PQcmdTuples", out.PQcmdTuples) &&
      find_function(library, "PQntuples", out.PQntuples) &&
      find_function(library, "PQnfields", out.PQnfields) && find_function(library, "PQftype", out.PQftype) &&
      find_function(library, "PQgetisnull", out.PQgetisnull) &&
      find_function(library, "PQgetlength", out.PQgetlength) &&
      find_function(library, "PQgetvalue", out.PQgetvalue) && find_function(library, "PQclear", out.PQclear);
  if (!complete)
    return fail(ErrorKind::unavailable,
                fmt::format("{} is too old: it does not have all of PostgreSQL 14's functions", file), kHint);
  return out;
}

Result<const Libpq*> libpq() {
  static const Result<Libpq> kOpened = open_libpq(kLibrary);
  if (!kOpened) return fail(kOpened.error());
  return &*kOpened;
}

}  // namespace signalbox::store
