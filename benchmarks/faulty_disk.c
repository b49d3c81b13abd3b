/* A disk that fails: preloaded into a process, it lets its n-th write, sync, read, rename or growing of a file below IBID_FAULTY_FOLDER fail.
   IBID_FAULT_AT is n, counted from 1; IBID_FAULT_ERROR the errno (28 no space, 5 input/output error); IBID_FAULT_READS=1 lets reads fail, too.
   From the n-th on all writes fail where IBID_FAULT_STAYS=1, as on a disk that is full; else only that one, as on one that hiccups. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long count = 0;

static int below(const char *path) {
    const char *folder = getenv("IBID_FAULTY_FOLDER");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int watched(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

static int fails(void) {
    const char *at = getenv("IBID_FAULT_AT"), *error = getenv("IBID_FAULT_ERROR");
    if (!at || !error) return 0;
    long now = __sync_add_and_fetch(&count, 1), wanted = atol(at);
    if (now == wanted || (now > wanted && getenv("IBID_FAULT_STAYS"))) {
        errno = atoi(error);
        return 1;
    }
    return 0;
}

#define NEXT(name) static __typeof__(name) *next_##name; if (!next_##name) next_##name = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size) { NEXT(write); return watched(fd) && fails() ? -1 : next_write(fd, data, size); }
ssize_t writev(int fd, const struct iovec *data, int parts) { NEXT(writev); return watched(fd) && fails() ? -1 : next_writev(fd, data, parts); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { NEXT(pwrite); return watched(fd) && fails() ? -1 : next_pwrite(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { NEXT(pwrite64); return watched(fd) && fails() ? -1 : next_pwrite64(fd, data, size, at); }
int fsync(int fd) { NEXT(fsync); return watched(fd) && fails() ? -1 : next_fsync(fd); }
int fdatasync(int fd) { NEXT(fdatasync); return watched(fd) && fails() ? -1 : next_fdatasync(fd); }
int ftruncate(int fd, off_t size) { NEXT(ftruncate); return watched(fd) && fails() ? -1 : next_ftruncate(fd, size); }
int ftruncate64(int fd, off64_t size) { NEXT(ftruncate64); return watched(fd) && fails() ? -1 : next_ftruncate64(fd, size); }
int rename(const char *from, const char *to) { NEXT(rename); return below(to) && fails() ? -1 : next_rename(from, to); }

static int reads(void) { return getenv("IBID_FAULT_READS") != NULL; }
ssize_t read(int fd, void *data, size_t size) { NEXT(read); return reads() && watched(fd) && fails() ? -1 : next_read(fd, data, size); }
ssize_t pread(int fd, void *data, size_t size, off_t at) { NEXT(pread); return reads() && watched(fd) && fails() ? -1 : next_pread(fd, data, size, at); }
ssize_t pread64(int fd, void *data, size_t size, off64_t at) { NEXT(pread64); return reads() && watched(fd) && fails() ? -1 : next_pread64(fd, data, size, at); }
