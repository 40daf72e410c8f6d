import java.io.File;
import org.apache.pdfbox.preflight.Format;
import org.apache.pdfbox.preflight.PreflightDocument;
import org.apache.pdfbox.preflight.ValidationResult.ValidationError;
import org.apache.pdfbox.preflight.exception.SyntaxValidationException;
import org.apache.pdfbox.preflight.parser.PreflightParser;

/** Prints what PDFBox finds against PDF/A-1b, the only level it knows: a line "file TAB code TAB words" for each. */
public class Preflight {
    public static void main(String[] files) throws Exception {
        for (String file : files) {
            PreflightParser parser = new PreflightParser(new File(file));
            try {
                parser.parse(Format.PDF_A1B);
                try (PreflightDocument document = parser.getPreflightDocument()) {
                    document.validate();
                    for (ValidationError error : document.getResult().getErrorsList()) {
                        System.out.println(file + "\t" + error.getErrorCode() + "\t" + error.getDetails());
                    }
                }
            } catch (SyntaxValidationException broken) {
                for (ValidationError error : broken.getResult().getErrorsList()) {
                    System.out.println(file + "\t" + error.getErrorCode() + "\t" + error.getDetails());
                }
            }
            System.out.println(file + "\tread\t");
        }
    }
}
