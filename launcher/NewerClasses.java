import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/// Copies a library whose classes are of an old format, with the same code in a newer one: the JVM keeps no class in
/// its cache whose format has no stack maps, and verifies each of them slowly at each start.
///
///     java NewerClasses.java LIBRARY COPY
final class NewerClasses {

    public static void main(String[] arguments) throws IOException {
        Path library = Path.of(arguments[0]);
        try (JarFile jar = new JarFile(library.toFile());
                URLClassLoader loader = new URLClassLoader(new URL[] {library.toUri().toURL()});
                OutputStream file = Files.newOutputStream(Path.of(arguments[1]));
                JarOutputStream copy = new JarOutputStream(file)) {
            ClassFile format = ClassFile.of(
                    ClassFile.StackMapsOption.STACK_MAPS_WHEN_REQUIRED,
                    // Types that are of no use here, as of other languages, are taken for classes without relatives.
                    ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(loader)
                            .orElse(ClassHierarchyResolver.defaultResolver())));
            for (JarEntry entry : List.copyOf(jar.stream().toList())) {
                byte[] content = jar.getInputStream(entry).readAllBytes();
                JarEntry target = new JarEntry(entry.getName());
                target.setTime(entry.getTime());
                copy.putNextEntry(target);
                copy.write(entry.getName().endsWith(".class") ? newer(format, content) : content);
                copy.closeEntry();
            }
        }
    }

    private static byte[] newer(ClassFile format, byte[] content) {
        ClassModel model = format.parse(content);
        if (model.majorVersion() >= ClassFile.JAVA_6_VERSION) {
            return content;
        }
        ClassTransform version = (builder, element) -> {
            if (element instanceof ClassFileVersion) {
                builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
            } else {
                builder.with(element);
            }
        };
        return format.transformClass(
                model, ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL).andThen(version));
    }

    private NewerClasses() {}
}
