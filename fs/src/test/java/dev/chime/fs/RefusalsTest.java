package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;

/** What the system refuses, by name: no permission, no such device, no descriptor left. */
class RefusalsTest {
    /** In the order of the first words; D is the directory. */
    private static final String EXPECTED =
            """
            EACCES access: EACCES: permission denied, access 'D/secret'
            EACCES appendFile: EACCES: permission denied, open 'D/secret'
            EACCES chmod: EACCES: permission denied, chmod 'D/closed/f'
            EACCES copyFile: EACCES: permission denied, copyfile 'D/f' -> 'D/fixed/new'
            EACCES copyFile from: EACCES: permission denied, copyfile 'D/secret' -> 'D/new'
            EACCES cp: EACCES: permission denied, opendir 'D/closed'
            EACCES cp into: EACCES: permission denied, mkdir 'D/fixed/a'
            EACCES exists: EACCES: permission denied, stat 'D/closed/f'
            EACCES link: EACCES: permission denied, link 'D/f' -> 'D/fixed/new'
            EACCES mkdir: EACCES: permission denied, mkdir 'D/fixed/new'
            EACCES mkdir recursive: EACCES: permission denied, mkdir 'D/fixed/new'
            EACCES mkdir recursive closed: EACCES: permission denied, mkdir 'D/closed/a/b'
            EACCES mkdir recursive there: ok
            EACCES mkdtemp: EACCES: permission denied, mkdtemp 'D/fixed/x-XXXXXX'
            EACCES open: EACCES: permission denied, open 'D/secret'
            EACCES opendir: EACCES: permission denied, opendir 'D/closed'
            EACCES read stream: EACCES: permission denied, open 'D/secret'
            EACCES readFile: EACCES: permission denied, open 'D/closed/f'
            EACCES readdir: EACCES: permission denied, scandir 'D/closed'
            EACCES readdir recursive: EACCES: permission denied, scandir 'D/tree/closed'
            EACCES readlink: EACCES: permission denied, readlink 'D/closed/f'
            EACCES realpath: EACCES: permission denied, realpath 'D/closed/f'
            EACCES rename: EACCES: permission denied, rename 'D/fixed/f' -> 'D/new'
            EACCES rm: EACCES: permission denied, unlink 'D/fixed/f'
            EACCES rm recursive: EACCES: permission denied, scandir 'D/closed'
            EACCES rmdir: EACCES: permission denied, rmdir 'D/fixed/in'
            EACCES root mkdir: EACCES: permission denied, mkdir 'fixed/new'
            EACCES root readFile: EACCES: permission denied, open 'closed/f'
            EACCES root unlink: EACCES: permission denied, unlink 'fixed/f'
            EACCES stat: EACCES: permission denied, stat 'D/closed/f'
            EACCES statfs: EACCES: permission denied, statfs 'D/closed/f'
            EACCES symlink: EACCES: permission denied, symlink 'x' -> 'D/fixed/new'
            EACCES truncate: EACCES: permission denied, open 'D/secret'
            EACCES unlink: EACCES: permission denied, unlink 'D/fixed/f'
            EACCES utimes: EACCES: permission denied, utime 'D/closed/f'
            EACCES watch: EACCES: permission denied, watch 'D/closed'
            EACCES write stream: EACCES: permission denied, open 'D/fixed/new'
            EACCES writeFile: EACCES: permission denied, open 'D/fixed/new'
            EACCES writeFileAtomic: EACCES: permission denied, open 'D/fixed/f'
            ELOOP access: ELOOP: too many symbolic links encountered, access 'D/loop'
            ELOOP chmod: ELOOP: too many symbolic links encountered, chmod 'D/loop'
            ELOOP copyFile: ELOOP: too many symbolic links encountered, copyfile 'D/loop' -> 'D/new'
            ELOOP link: ELOOP: too many symbolic links encountered, link 'D/loop/x' -> 'D/new'
            ELOOP lstat: ok
            ELOOP mkdir recursive: ELOOP: too many symbolic links encountered, mkdir 'D/loop/a/b'
            ELOOP opendir: ELOOP: too many symbolic links encountered, opendir 'D/loop'
            ELOOP readFile: ELOOP: too many symbolic links encountered, open 'D/loop'
            ELOOP readdir: ELOOP: too many symbolic links encountered, scandir 'D/loop'
            ELOOP realpath: ELOOP: too many symbolic links encountered, realpath 'D/loop'
            ELOOP rename: ELOOP: too many symbolic links encountered, rename 'D/loop/x' -> 'D/new'
            ELOOP stat: ELOOP: too many symbolic links encountered, stat 'D/loop'
            ELOOP truncate: ELOOP: too many symbolic links encountered, open 'D/loop'
            ELOOP writeFile: ELOOP: too many symbolic links encountered, open 'D/loop'
            ELOOP writeFileAtomic: ELOOP: too many symbolic links encountered, open 'D/loop'
            EMFILE copyFile: EMFILE: too many open files, copyfile 'D/f' -> 'D/new'
            EMFILE cp: EMFILE: too many open files, opendir 'D/tree'
            EMFILE open: EMFILE: too many open files, open 'D/f'
            EMFILE opendir: EMFILE: too many open files, opendir 'D/tree'
            EMFILE read stream: EMFILE: too many open files, open 'D/f'
            EMFILE readFile: EMFILE: too many open files, open 'D/f'
            EMFILE readdir: EMFILE: too many open files, scandir 'D/tree'
            EMFILE root: EMFILE: too many open files, open 'D'
            EMFILE truncate: EMFILE: too many open files, open 'D/f'
            EMFILE watch: EMFILE: too many open files, watch 'D/tree'
            EMFILE write stream: EMFILE: too many open files, open 'D/new'
            EMFILE writeFile: EMFILE: too many open files, open 'D/new'
            EMFILE writeFileAtomic: EMFILE: too many open files, open 'D/f'
            ENAMETOOLONG copyFile: ENAMETOOLONG: name too long, copyfile 'D/f' -> 'D/LONG'
            ENAMETOOLONG exists: ENAMETOOLONG: name too long, stat 'D/LONG'
            ENAMETOOLONG link: ENAMETOOLONG: name too long, link 'D/f' -> 'D/LONG'
            ENAMETOOLONG mkdir: ENAMETOOLONG: name too long, mkdir 'D/LONG'
            ENAMETOOLONG mkdir recursive: ENAMETOOLONG: name too long, mkdir 'D/LONG/a'
            ENAMETOOLONG mkstemp: ENAMETOOLONG: name too long, mkstemp 'D/LONG'
            ENAMETOOLONG opendir: ENAMETOOLONG: name too long, opendir 'D/LONG'
            ENAMETOOLONG readFile: ENAMETOOLONG: name too long, open 'D/LONG'
            ENAMETOOLONG rename: ENAMETOOLONG: name too long, rename 'D/f' -> 'D/LONG'
            ENAMETOOLONG stat: ENAMETOOLONG: name too long, stat 'D/LONG'
            ENAMETOOLONG symlink: ENAMETOOLONG: name too long, symlink 'x' -> 'D/LONG'
            ENAMETOOLONG unlink: ENAMETOOLONG: name too long, unlink 'D/LONG'
            ENAMETOOLONG writeFile: ENAMETOOLONG: name too long, open 'D/LONG'
            EROFS access: EROFS: read-only file system, access 'D/ro/f'
            EROFS appendFile: EROFS: read-only file system, open 'D/ro/f'
            EROFS chmod: EROFS: read-only file system, chmod 'D/ro/f'
            EROFS copyFile: EROFS: read-only file system, copyfile 'D/f' -> 'D/ro/new'
            EROFS link: EROFS: read-only file system, link 'D/ro/f' -> 'D/ro/new'
            EROFS mkdir: EROFS: read-only file system, mkdir 'D/ro/new'
            EROFS mkdir recursive: EROFS: read-only file system, mkdir 'D/ro/new'
            EROFS mkdir recursive there: ok
            EROFS mkdtemp: EROFS: read-only file system, mkdtemp 'D/ro/x-XXXXXX'
            EROFS open: EROFS: read-only file system, open 'D/ro/f'
            EROFS rename: EROFS: read-only file system, rename 'D/ro/f' -> 'D/ro/new'
            EROFS rm: EROFS: read-only file system, rmdir 'D/ro/in'
            EROFS rmdir: EROFS: read-only file system, rmdir 'D/ro/in'
            EROFS symlink: EROFS: read-only file system, symlink 'x' -> 'D/ro/new'
            EROFS truncate: EROFS: read-only file system, open 'D/ro/f'
            EROFS unlink: EROFS: read-only file system, unlink 'D/ro/f'
            EROFS utimes: EROFS: read-only file system, utime 'D/ro/f'
            EROFS write stream: EROFS: read-only file system, open 'D/ro/new'
            EROFS writeFile: EROFS: read-only file system, open 'D/ro/new'
            EROFS writeFileAtomic: EROFS: read-only file system, open 'D/ro/f'
            ETXTBSY copyFile: ETXTBSY: text file is busy, copyfile 'D/f' -> 'D/sleep'
            ETXTBSY open: ETXTBSY: text file is busy, open 'D/sleep'
            ETXTBSY truncate: ETXTBSY: text file is busy, open 'D/sleep'
            ETXTBSY write stream: ETXTBSY: text file is busy, open 'D/sleep'
            ETXTBSY writeFile: ETXTBSY: text file is busy, open 'D/sleep'
            EXDEV link: EXDEV: cross-device link not permitted, link 'D/f' -> 'D/other/f'
            EXDEV rename: EXDEV: cross-device link not permitted, rename 'D/f' -> 'D/other/f'
            EXDEV root rename: EXDEV: cross-device link not permitted, rename 'f' -> 'other/f'
            """;

    @TempDir Path directory;

    /**
     * Runs a command as root without the right to pass over permissions, where the directory is a
     * file system that nobody else sees, with another one and a read-only one in it.
     */
    private List<String> prefix() {
        String script =
                """
                set -e; cd '%s'; mount -t tmpfs none .; cd "$PWD"; mkdir ro other
                mount -t tmpfs none other; mount -t tmpfs none ro
                mkdir ro/in; echo > ro/f; mount -o remount,ro ro
                exec setpriv --bounding-set -dac_override,-dac_read_search,-fowner "$@"
                """
                        .formatted(directory);
        return List.of("unshare", "-Urm", "sh", "-c", script, "sh");
    }

    @EngineTest
    void eachRefusal_namesCallAndPath(EngineKind engine) throws Exception {
        List<String> trial = new ArrayList<>(prefix());
        trial.add("true");
        Assumptions.assumeTrue(
                ChildJvm.run(trial).equals(List.of("exit 0")), "may not mount a file system");
        List<String> output =
                ChildJvm.run(
                        prefix(),
                        List.of("-Xmx128m", "-XX:-UsePerfData", "-ea"),
                        List.of(Fs.class),
                        RefusalsProgram.class,
                        engine.name(),
                        directory.toString());
        assertEquals(EXPECTED + "exit 0", String.join("\n", output));
    }
}
