/* Lets every sync of a file take as long as on a disk that is not this one: the time of HABEO_SLOW_SYNC_MICROS, and then its own.
 *
 * To be loaded before the C library (LD_PRELOAD). It allocates nothing and looks nothing up, so that it stands in nobody's way, whatever
 * else the program replaces. sync_file_range is left alone: it begins to write and promises nothing. */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct timespec taken;

__attribute__((constructor)) static void read_time(void)
{
    const char *text = getenv("HABEO_SLOW_SYNC_MICROS");
    long micros = text ? strtol(text, NULL, 10) : 0;
    taken.tv_sec = micros / 1000000;
    taken.tv_nsec = micros % 1000000 * 1000;
}

static void wait_for_the_disk(void)
{
    struct timespec left = taken;
    while (nanosleep(&left, &left) == -1 && errno == EINTR)
        ;
}

int fsync(int file)
{
    wait_for_the_disk();
    return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file)
{
    wait_for_the_disk();
    return (int)syscall(SYS_fdatasync, file);
}
