#include "core/http/curl_library.hpp"

#include "core/base/shared_library.hpp"

namespace signalbox::http {
namespace {

Result<CurlLibrary> open_library() {
  void* const library = open_shared_library("libcurl.so.4");
  if (library == nullptr) {
    return fail(ErrorKind::unavailable, "libcurl is not installed, so nothing can be sent",
                "apt-get install libcurl4");
  }
  CurlLibrary out;
  const bool complete = find_function(library, "curl_global_init", out.global_init) &&
                        find_function(library, "curl_easy_init", out.easy_init) &&
                        find_function(library, "curl_easy_cleanup", out.easy_cleanup) &&
                        find_function(library, "curl_easy_reset", out.easy_reset) &&
                        find_function(library, "curl_easy_setopt", out.easy_setopt) &&
                        find_function(library, "curl_easy_getinfo", out.easy_getinfo) &&
                        find_function(library, "curl_easy_perform", out.easy_perform) &&
                        find_function(library, "curl_easy_strerror", out.easy_strerror) &&
                        find_function(library, "curl_slist_append", out.slist_append) &&
                        find_function(library, "curl_slist_free_all", out.slist_free_all);
  if (!complete || out.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return fail(ErrorKind::unavailable, "libcurl.so.4 cannot be used: it is not the libcurl of Debian 12",
                "apt-get install --reinstall libcurl4");
  }
  return out;
}

}  // namespace

Result<const CurlLibrary*> curl_library() {
  static const Result<CurlLibrary> library = open_library();
  if (!library) return fail(library.error());
  return &*library;
}

bool append_line(const CurlLibrary& curl, CurlList& list, const std::string& line) {
  curl_slist* const longer = curl.slist_append(list.get(), line.c_str());
  if (longer == nullptr) return false;
  static_cast<void>(list.release());
  list.reset(longer);
  return true;
}

}  // namespace signalbox::http
