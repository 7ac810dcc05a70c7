import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import software.amazon.event.ruler.JsonRuleCompiler;
import software.amazon.event.ruler.Machine;

/**
 * Asks AWS's own engine. Each line of the input is {"pattern": text, "event": text}; the line of the
 * output for it is "match", "no match", "refused" (the pattern) or "no event".
 */
public final class Main {
    private Main() {
    }

    public static void main(String[] args) throws IOException {
        ObjectMapper json = new ObjectMapper();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        BufferedWriter out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode pair = json.readTree(line);
            out.write(answer(pair.get("pattern").asText(), pair.get("event").asText()));
            out.newLine();
        }
        out.flush();
    }

    private static String answer(String pattern, String event) {
        Machine machine = new Machine();
        try {
            if (JsonRuleCompiler.check(pattern) != null) {
                return "refused";
            }
            machine.addRule("r", pattern);
        } catch (Exception e) {
            return "refused";
        }
        try {
            return machine.rulesForJSONEvent(event).isEmpty() ? "no match" : "match";
        } catch (Exception e) {
            return "no event";
        }
    }
}
